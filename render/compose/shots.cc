// Shots out of cues: which frames a page is seen in, and the keyframes of what appears on it.
#include <algorithm>
#include <chrono>
#include <utility>

#include "render/compose/cues.h"
#include "render/compose/timeline.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;

constexpr microseconds kSceneBlend{500'000};
constexpr microseconds kPageBlend{300'000};
constexpr microseconds kAppearing{300'000};
// What is drawn as if by hand: how long one takes, and when the next one begins.
constexpr microseconds kDrawing{600'000};
constexpr microseconds kNextDrawing{400'000};

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

  SceneShots(const Scene& scene, int index, const StageScene& stage, Mentions mentions, FrameRate rate)
      : scene_(scene), index_(index), stage_(stage), mentions_(std::move(mentions)), rate_(rate) {}

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
      put_layers(page, time, shot);
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

  // 0 before `frame`, 1 after `length` or when the page ends.
  Track rise(std::int64_t frame, microseconds length, std::int64_t end) const {
    const std::int64_t done = std::min(frame + frame_at(length, rate_), end);
    return Track({{frame - 1, 0.0, Easing::gentle}, {std::max(done, frame), 1.0, Easing::gentle}});
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

  void put_layers(const StagePage& page, const PageTime& time, Shot& shot) const {
    const std::vector<std::optional<std::int64_t>> drawn = annotation_times(shot);
    for (const StageLayer& layer : page.layers) {
      TimedLayer timed{layer, Track(1.0), Track(1.0)};
      const auto step = static_cast<std::size_t>(layer.step);
      const std::int64_t frame = step < time.steps.size() ? std::max(time.steps[step], time.first) : time.first;
      const bool annotates = layer.annotation >= 0 && static_cast<std::size_t>(layer.annotation) < drawn.size();
      const auto begin = annotates ? drawn[static_cast<std::size_t>(layer.annotation)] : std::nullopt;
      if (frame >= time.end) {
        timed.opacity = Track(0.0);
      } else if (begin && layer.draws_on) {
        timed.drawn = rise(*begin, kDrawing, time.end);
      } else if (begin) {
        timed.opacity = rise(*begin, kAppearing, time.end);
      } else if (frame > time.first) {
        timed.opacity = rise(frame, kAppearing, time.end);
      }
      shot.layers.push_back(std::move(timed));
    }
  }

  const Scene& scene_;
  int index_;
  const StageScene& stage_;
  Mentions mentions_;
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
    SceneShots(storyboard.scenes[i], index, scenes[i], find_mentions(storyboard.scenes[i], index, narration), rate)
        .add(cues, end, is_last, shots);
  }
  return shots;
}

}  // namespace vivid::render
