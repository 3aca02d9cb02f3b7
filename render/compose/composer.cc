#include "render/compose/composer.h"

#include <algorithm>
#include <span>
#include <sstream>
#include <string>
#include <utility>

#include "base/digest.h"
#include "render/compose/canvas.h"
#include "render/compose/captioned_composer.h"
#include "render/compose/frame_digest.h"
#include "render/compose/mixtures.h"
#include "render/compose/picture_store.h"
#include "render/compose/shot_picture.h"
#include "render/compose/timeline.h"
#include "render/compose/transition.h"

namespace vivid::render {
namespace {

constexpr int kSmallestSide = 64;
constexpr int kLargestSide = 7'680;

Status check_options(const Storyboard& storyboard, const Narration& narration, const RenderOptions& options) {
  const auto side_is_fine = [](int px) { return px >= kSmallestSide && px <= kLargestSide && px % 2 == 0; };
  if (!side_is_fine(options.width_px) || !side_is_fine(options.height_px)) {
    return fail(ErrorCode::invalid_input, "size is " + std::to_string(options.width_px) + "x" +
                                              std::to_string(options.height_px) + ", allowed: even sides from " +
                                              std::to_string(kSmallestSide) + " to " + std::to_string(kLargestSide));
  }
  if (options.frames_per_second < 1 || options.frames_per_second > 120) {
    return fail(ErrorCode::invalid_input,
                "fps is " + std::to_string(options.frames_per_second) + ", allowed: 1 to 120");
  }
  if (!(options.font_scale >= kMinFontScale && options.font_scale <= kMaxFontScale)) {
    std::ostringstream message;
    message << "font_scale is " << options.font_scale << ", allowed: " << kMinFontScale << " to " << kMaxFontScale;
    return fail(ErrorCode::invalid_input, message.str());
  }
  if (narration.scenes.size() != storyboard.scenes.size()) {
    return fail(ErrorCode::invalid_input, "the narration has " + std::to_string(narration.scenes.size()) +
                                              " scenes, the storyboard " + std::to_string(storyboard.scenes.size()));
  }
  return {};
}

std::vector<SceneFrames> frames_of_scenes(const ScenePainter& painter, const Timeline& timeline) {
  std::vector<SceneFrames> scenes;
  for (std::size_t i = 0; i < painter.scene_count(); ++i) {
    scenes.push_back({timeline.frame_count(), 0, painter.scene_title(i)});
  }
  for (const Shot& shot : timeline.shots()) {
    SceneFrames& scene = scenes[static_cast<std::size_t>(shot.scene)];
    scene.first = std::min(scene.first, shot.first);
    scene.count += shot.count;
  }
  return scenes;
}

// What all readers of a video have in common.
struct Video {
  Video(std::unique_ptr<ScenePainter> painter, Timeline shown)
      : timeline(std::move(shown)), scenes(frames_of_scenes(*painter, timeline)), store(std::move(painter)) {}

  const Timeline timeline;
  const std::vector<SceneFrames> scenes;
  PictureStore store;
};

class TimelineComposer : public Composer {
 public:
  TimelineComposer(std::shared_ptr<Video> video, std::unique_ptr<Studio> studio)
      : video_(std::move(video)), studio_(std::move(studio)), timeline_(video_->timeline), mixtures_(timeline_) {}

  std::int64_t frame_count() const override { return timeline_.frame_count(); }
  const std::vector<SceneFrames>& scenes() const override { return video_->scenes; }
  const std::vector<std::string>& warnings() const override { return video_->store.scenes().warnings(); }
  const PixelWork& work() const override { return work_; }

  FrameMark mark(std::int64_t index) const override {
    const FrameChange change = timeline_.change(index);
    const int share = mixtures_.next_share(index);
    return {change.damage.empty(), change.passing, share > 0 && share < kWholeNextShare};
  }

  Result<std::string> digest(std::int64_t first, std::int64_t end) override {
    VIVID_ASSIGN(std::string text, digest_frames(timeline_, video_->store, first, end));
    // A device may round in another way.
    text += ' ' + studio_->name();
    // What an encoder is told besides.
    for (std::int64_t i = first; i < end; ++i) {
      const int share = mixtures_.next_share(i);
      if (share != 0) text += ' ' + std::to_string(i - first) + ':' + std::to_string(share);
    }
    Sha256 digest;
    digest.update(std::as_bytes(std::span(text)));
    return digest.finish_hex();
  }

  std::unique_ptr<Composer> fork() const override {
    return std::make_unique<TimelineComposer>(video_, studio_->fork());
  }

  Result<ComposedFrame> frame(std::int64_t index) override {
    if (index < 0 || index >= frame_count()) {
      return fail(ErrorCode::invalid_input, "frame " + std::to_string(index) + " of " + std::to_string(frame_count()));
    }
    const bool follows = last_ >= 0 && index == last_ + 1;
    if (index != last_) VIVID_TRY(follows ? advance_to(index) : jump_to(index));
    last_ = index;
    const FrameChange change = timeline_.change(index);
    ComposedFrame composed;
    VIVID_ASSIGN(composed.picture, shown().show());
    composed.held = follows && change.damage.empty();
    composed.passing = change.passing;
    composed.damage = follows ? change.damage : Region(bounds());
    composed.next_share = mixtures_.next_share(index);
    return composed;
  }

  Status write_scene_still(int scene, const std::filesystem::path& png) override {
    return video_->store.write_still(scene, png);
  }

 private:
  const Shot& shot() const { return timeline_.shots()[shot_]; }
  PixelRect bounds() const { return {0, 0, timeline_.width(), timeline_.height()}; }
  Canvas& shown() const { return from_ ? *mixed_ : into_->picture(); }
  BlendState blend_at(std::int64_t index) const { return shot().blend_at(index, timeline_.width()); }

  Status advance_to(std::int64_t index) {
    const FrameChange change = timeline_.change(index);
    if (index == shot().end()) {
      VIVID_TRY(enter_next(index));
    } else {
      VIVID_TRY(into_->advance_to(index));
    }
    return mix(index, change.damage);
  }

  Status enter_next(std::int64_t index) {
    ++shot_;
    from_ = std::move(into_);
    VIVID_ASSIGN(into_, ShotPicture::create(video_->store, *studio_, timeline_, shot_, index, from_.get(), work_));
    if (shot().blend_frames == 0) return {};
    work_.copied += bounds().area();
    return begin_mixing();
  }

  // With what the shot before shows.
  Status begin_mixing() {
    if (!mixed_) {
      VIVID_ASSIGN(mixed_, studio_->make_canvas(timeline_.width(), timeline_.height()));
    }
    return mixed_->copy(from_->picture());
  }

  Status jump_to(std::int64_t index) {
    shot_ = timeline_.shot_at(index);
    from_.reset();
    if (shot_ > 0 && index < shot().first + shot().blend_frames) {
      VIVID_ASSIGN(from_,
                   ShotPicture::create(video_->store, *studio_, timeline_, shot_ - 1, index - 1, into_.get(), work_));
    }
    VIVID_ASSIGN(into_, ShotPicture::create(video_->store, *studio_, timeline_, shot_, index, from_.get(), work_));
    if (from_) VIVID_TRY(begin_mixing());
    return mix(index, Region(bounds()));
  }

  // The frame itself, while some of the shot before is still seen.
  Status mix(std::int64_t index, const Region& damage) {
    if (!from_) return {};
    const BlendState state = blend_at(index);
    if (!state.shows_old()) {
      from_.reset();
      return {};
    }
    VIVID_TRY(from_->advance_to(index));
    for (const PixelRect& rect : damage.rects()) {
      VIVID_TRY(mixed_->blend(from_->picture(), into_->picture(), state, rect));
      work_.blended += rect.area();
    }
    return {};
  }

  std::shared_ptr<Video> video_;
  std::unique_ptr<Studio> studio_;
  const Timeline& timeline_;
  mutable Mixtures mixtures_;  // remembers where it looked last
  PixelWork work_;
  std::int64_t last_ = -1;
  std::size_t shot_ = 0;
  std::unique_ptr<ShotPicture> from_;  // the shot before, while it is still seen
  std::unique_ptr<ShotPicture> into_;  // the shot itself
  std::unique_ptr<Canvas> mixed_;      // both, on the way from one to the other
};

}  // namespace

Result<std::unique_ptr<Composer>> Composer::create(const Storyboard& storyboard, const Narration& narration,
                                                   const RenderOptions& options, std::unique_ptr<Studio> studio) {
  VIVID_TRY(check_options(storyboard, narration, options));
  VIVID_ASSIGN(auto painter, ScenePainter::create(storyboard, options));
  std::vector<Shot> shots =
      make_shots(painter->storyboard(), painter->stage(), narration, FrameRate{options.frames_per_second, 1});
  if (shots.empty()) return fail(ErrorCode::invalid_input, "the narration is empty: there is nothing to show");
  Timeline timeline(std::move(shots), options.width_px, options.height_px);
  if (studio == nullptr) studio = make_memory_studio();
  std::unique_ptr<Composer> composer = std::make_unique<TimelineComposer>(
      std::make_shared<Video>(std::move(painter), std::move(timeline)), std::move(studio));
  if (options.captions != CaptionMode::burnt_in) return composer;
  return put_captions_on(std::move(composer), make_captions(narration), storyboard.language, options);
}

}  // namespace vivid::render
