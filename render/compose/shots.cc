// Shots out of cues: which frames a page is seen in, and the keyframes of what appears on it.
#include <algorithm>
#include <chrono>
#include <utility>

#include "render/compose/cues.h"
#include "render/compose/layer_motion.h"
#include "render/compose/timeline.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;

constexpr microseconds kSceneBlend{500'000};
constexpr microseconds kPageBlend{300'000};
// What is drawn as if by hand: how long one takes, and when the next one begins.
constexpr microseconds kDrawing{600'000};
constexpr microseconds kNextDrawing{400'000};
// Before what follows a title.
constexpr microseconds kFollowing{600'000};
// What has stepped back comes forward only where there is time to look at all of it.
constexpr microseconds kLookingBack{1'000'000};

// A stretch of the scene: one of its pages, and when what appears on it does.
struct PageTime {
  int page = 0;
  std::int64_t first = 0;
  std::int64_t end = 0;
  std::vector<std::int64_t> steps;  // frames
};

class SceneShots {
 public:
  using Mentions = std::vector<std::optional<microseconds>>;

  SceneShots(const Scene& scene, int index, const StageScene& stage, const Narration& narration, FrameRate rate)
      : scene_(scene),
        index_(index),
        stage_(stage),
        mentions_(find_mentions(scene, index, narration)),
        bullets_end_(find_bullets_end(scene, index, narration)),
        rate_(rate) {}

  void add(const std::vector<Cue>& cues, std::int64_t end, bool is_last, std::vector<Shot>& shots) const {
    const std::int64_t scene_first = shots.empty() ? 0 : shots.back().end();
    const std::int64_t tail = is_last ? 0 : frame_at(kSceneBlend, rate_);
    bool enters_scene = true;
    for (const PageTime& time : page_times(cues, scene_first, end)) {
      const StagePage& page = stage_.pages[static_cast<std::size_t>(time.page)];
      Shot shot;
      shot.scene = index_;
      shot.page = time.page;
      shot.first = time.first;
      shot.count = time.end - time.first;
      shot.rtl = stage_.rtl;
      shot.base = page.base;
      if (!shots.empty()) {
        shot.blend = enters_scene ? blend_of(scene_.transition) : Blend::fade;
        const microseconds length = enters_scene ? kSceneBlend : kPageBlend;
        if (shot.blend != Blend::none) shot.blend_frames = std::min(frame_at(length, rate_), shot.count - 1);
      }
      if (stage_.moves) shot.camera = camera(scene_first, end - 1 + tail);
      put_layers(page, time, shots.empty() ? nullptr : &shots.back(), enters_scene, shot);
      shots.push_back(std::move(shot));
      enters_scene = false;
    }
  }

 private:
  std::vector<PageTime> page_times(const std::vector<Cue>& cues, std::int64_t first, std::int64_t end) const {
    std::vector<PageTime> times;
    for (const Cue& cue : cues) {
      const std::int64_t frame = std::clamp(frame_at(cue.time, rate_), first, end);
      if (cue.step == 0) {
        const bool is_first = times.empty();
        if (!is_first) times.back().end = frame;
        times.push_back({cue.page, is_first ? first : frame, end, {}});
      }
      times.back().steps.push_back(frame);
    }
    std::erase_if(times, [](const PageTime& time) { return time.end <= time.first; });
    return times;
  }

  // It moves on while the next scene comes in: nothing stops that is still seen.
  CameraMove camera(std::int64_t first, std::int64_t last) const {
    const CameraPose from = camera_pose(scene_.motion, 0.0);
    const CameraPose to = camera_pose(scene_.motion, 1.0);
    if (last <= first) return {Track(from.zoom), Track(from.shift)};
    return {Track({{first, from.zoom, Easing::linear}, {last, to.zoom, Easing::linear}}),
            Track({{first, from.shift, Easing::linear}, {last, to.shift, Easing::linear}})};
  }

  // When each annotation comes: as the voice names it, or else after the one before. A page that is gone too soon shows
  // all of it from the start: nothing for those.
  std::vector<std::optional<std::int64_t>> annotation_times(const Shot& shot) const {
    const std::int64_t settled = shot.first + shot.blend_frames;
    std::int64_t next = settled;
    std::vector<std::optional<std::int64_t>> times;
    for (const std::optional<microseconds>& mention : mentions_) {
      const std::int64_t begin = mention ? std::max(settled, frame_at(*mention, rate_)) : next;
      const bool fits = begin + frame_at(kDrawing, rate_) < shot.end();
      times.push_back(fits ? std::optional(begin) : std::nullopt);
      if (fits) next = begin + frame_at(kNextDrawing, rate_);
    }
    return times;
  }

  static std::int64_t frame_of_step(const PageTime& time, int step) {
    const auto index = static_cast<std::size_t>(step);
    return index < time.steps.size() ? std::max(time.steps[index], time.first) : time.first;
  }

  // When something after this step is revealed: nothing if it all came at once.
  static std::optional<std::int64_t> next_reveal(const PageTime& time, int step) {
    const std::int64_t own = frame_of_step(time, step);
    for (std::size_t later = static_cast<std::size_t>(step) + 1; later < time.steps.size(); ++later) {
      if (time.steps[later] > own && time.steps[later] < time.end) return time.steps[later];
    }
    return std::nullopt;
  }

  // When the voice is done with the points of this page and goes on to something else.
  std::optional<std::int64_t> looks_back(const PageTime& time) const {
    if (!bullets_end_) return std::nullopt;
    const std::int64_t frame = frame_at(*bullets_end_, rate_);
    const bool last_shown = time.steps.back() < frame;
    return last_shown && frame + frame_at(kLookingBack, rate_) <= time.end ? std::optional(frame) : std::nullopt;
  }

  LayerCue cue_of(const StageLayer& layer, const PageTime& time,
                  const std::vector<std::optional<std::int64_t>>& annotated) const {
    using Coming = LayerCue::Coming;
    LayerCue cue{Coming::there, time.first, time.end, next_reveal(time, layer.step), looks_back(time)};
    const std::int64_t frame = frame_of_step(time, layer.step);
    const bool annotates = layer.annotation >= 0 && static_cast<std::size_t>(layer.annotation) < annotated.size();
    const auto begin = annotates ? annotated[static_cast<std::size_t>(layer.annotation)] : std::nullopt;
    if (frame >= time.end) {
      cue.coming = Coming::never;
    } else if (begin) {
      cue.coming = layer.draws_on ? Coming::drawn : Coming::revealed;
      cue.frame = *begin;
    } else if (frame > time.first) {
      cue.coming = Coming::revealed;
      cue.frame = frame;
    }
    return cue;
  }

  // How something comes that is due with its page.
  void settle_entrance(const StageLayer& layer, const Shot& shot, bool enters, LayerCue& cue) const {
    const std::int64_t follows = shot.first + std::max(shot.blend_frames, frame_at(kFollowing, rate_));
    if (layer.entrance == Entrance::follow && follows + frame_at(kLookingBack, rate_) < shot.end()) {
      cue.coming = LayerCue::Coming::revealed;
      cue.frame = follows;
    } else if (enters) {
      cue.coming = LayerCue::Coming::with_scene;
    }
  }

  // `before`, which may be null, is the shot that this one follows.
  void put_layers(const StagePage& page, const PageTime& time, const Shot* before, bool enters_scene,
                  Shot& shot) const {
    const std::vector<std::optional<std::int64_t>> annotated = annotation_times(shot);
    // The very first picture is complete: it stands for the video before that plays. Other transitions than a fade
    // have a motion of their own.
    const bool enters = before != nullptr && enters_scene && shot.blend == Blend::fade;
    for (const StageLayer& layer : page.layers) {
      LayerCue cue = cue_of(layer, time, annotated);
      const bool was_there = before != nullptr && std::any_of(before->layers.begin(), before->layers.end(),
                                                              [&layer](const TimedLayer& known) {
                                                                return known.stage.identity == layer.identity;
                                                              });
      if (cue.coming == LayerCue::Coming::there && !was_there) settle_entrance(layer, shot, enters, cue);
      shot.layers.push_back(timed_layer(layer, cue, stage_, rate_));
    }
  }

  const Scene& scene_;
  int index_;
  const StageScene& stage_;
  Mentions mentions_;
  std::optional<microseconds> bullets_end_;
  FrameRate rate_;
};

}  // namespace

std::vector<Shot> make_shots(const Storyboard& storyboard, const std::vector<StageScene>& scenes,
                             const Narration& narration, FrameRate rate) {
  std::vector<Shot> shots;
  const std::int64_t total = frames_covering(narration.duration(), rate);
  const std::size_t count = std::min(scenes.size(), narration.scenes.size());
  for (std::size_t i = 0; i < count; ++i) {
    const int index = static_cast<int>(i);
    std::vector<std::vector<Step>> steps;
    for (const StagePage& page : scenes[i].pages) steps.push_back(page.steps);
    const std::vector<Cue> cues = find_cues(storyboard.scenes[i], index, steps, narration);
    const bool is_last = i + 1 == count;
    const std::int64_t end = is_last ? total : std::min(total, frame_at(narration.scenes[i + 1].start, rate));
    const std::int64_t first = shots.empty() ? 0 : shots.back().end();
    if (end <= first) continue;
    SceneShots(storyboard.scenes[i], index, scenes[i], narration, rate).add(cues, end, is_last, shots);
  }
  return shots;
}

}  // namespace vivid::render
