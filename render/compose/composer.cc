#include "render/compose/composer.h"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <string>
#include <utility>

#include "render/compose/scene_painter.h"
#include "render/compose/timeline.h"
#include "render/compose/yuv_frame.h"

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

// Starts and ends gently.
double eased(double t) { return t * t * (3.0 - 2.0 * t); }

class TimelineComposer : public Composer {
 public:
  TimelineComposer(std::unique_ptr<ScenePainter> painter, std::unique_ptr<YuvConverter> converter,
                   std::vector<Span> spans, const RenderOptions& options)
      : painter_(std::move(painter)),
        converter_(std::move(converter)),
        spans_(std::move(spans)),
        from_(options.width_px, options.height_px),
        into_(options.width_px, options.height_px),
        shown_(options.width_px, options.height_px),
        drawn_(options.width_px, options.height_px) {
    for (const Span& span : spans_) {
      const auto scene = static_cast<std::size_t>(span.scene);
      while (scenes_.size() <= scene) scenes_.push_back({span.first, 0, painter_->scene_title(scenes_.size())});
      if (scenes_[scene].count == 0) scenes_[scene].first = span.first;
      scenes_[scene].count += span.count;
    }
    while (scenes_.size() < painter_->scene_count()) {
      scenes_.push_back({frame_count(), 0, painter_->scene_title(scenes_.size())});
    }
  }

  std::int64_t frame_count() const override { return spans_.empty() ? 0 : spans_.back().end(); }
  const std::vector<SceneFrames>& scenes() const override { return scenes_; }
  const std::vector<std::string>& warnings() const override { return painter_->warnings(); }

  Result<ComposedFrame> frame(std::int64_t index) override {
    if (index < 0 || index >= frame_count()) {
      return fail(ErrorCode::invalid_input, "frame " + std::to_string(index) + " of " + std::to_string(frame_count()));
    }
    const bool follows = last_index_ >= 0 && index == last_index_ + 1;
    if (index == last_index_) return ComposedFrame{shown_.view(), false};
    const std::size_t span_index = find_span(index);
    if (!follows || span_index != span_index_) VIVID_TRY(enter(span_index, follows));
    last_index_ = index;
    return draw(spans_[span_index], index, follows);
  }

  Status write_scene_still(int scene, const std::filesystem::path& png) override {
    return painter_->write_still(scene, png);
  }

 private:
  std::size_t find_span(std::int64_t index) const {
    if (last_index_ >= 0 && index >= spans_[span_index_].first && index < spans_[span_index_].end()) return span_index_;
    const auto after = std::upper_bound(spans_.begin(), spans_.end(), index,
                                        [](std::int64_t value, const Span& span) { return value < span.first; });
    return static_cast<std::size_t>(after - spans_.begin()) - 1;
  }

  // Makes the pictures ready that the span's frames are made of.
  Status enter(std::size_t span_index, bool follows) {
    const Span& span = spans_[span_index];
    if (span.blend != Blend::none) {
      if (follows && span_index == span_index_ + 1) {
        std::swap(from_, into_);
      } else {
        VIVID_TRY(render(spans_[span_index - 1], spans_[span_index - 1].end() - 1, from_));
      }
    }
    span_index_ = span_index;
    settled_ = false;
    return render(span, span.first, into_);
  }

  Status render(const Span& span, std::int64_t index, YuvFrame& to) {
    const SceneFrames& scene = scenes_[static_cast<std::size_t>(span.scene)];
    const double progress =
        scene.count > 1 ? static_cast<double>(index - scene.first) / static_cast<double>(scene.count - 1) : 0.0;
    VIVID_ASSIGN(cairo_surface_t * surface, painter_->paint(span.scene, span.page, span.step, progress));
    return converter_->convert(surface, to);
  }

  Result<ComposedFrame> draw(const Span& span, std::int64_t index, bool follows) {
    const bool moves = painter_->moves(span.scene);
    const std::int64_t at = index - span.first;
    const bool blending = at < span.blend_frames;
    if (settled_ && !moves && follows) return ComposedFrame{shown_.view(), true};
    if (moves && index != span.first) VIVID_TRY(render(span, index, into_));
    if (blending) {
      blend(span, at);
    } else {
      std::memcpy(drawn_.plane(0), into_.plane(0), into_.bytes().size());
      settled_ = true;
    }
    const bool held = follows && drawn_.bytes() == shown_.bytes();
    std::swap(drawn_, shown_);
    return ComposedFrame{shown_.view(), held, blending};
  }

  void blend(const Span& span, std::int64_t at) {
    const double t = eased(static_cast<double>(at + 1) / static_cast<double>(span.blend_frames + 1));
    if (span.blend == Blend::fade) {
      blend_fade(from_, into_, static_cast<int>(t * 256.0 + 0.5), drawn_);
      return;
    }
    const int shift = static_cast<int>(t * into_.width() / 2 + 0.5) * 2;
    blend_slide(from_, into_, shift, painter_->is_rtl(span.scene), drawn_);
  }

  std::unique_ptr<ScenePainter> painter_;
  std::unique_ptr<YuvConverter> converter_;
  std::vector<Span> spans_;
  std::vector<SceneFrames> scenes_;
  std::int64_t last_index_ = -1;
  std::size_t span_index_ = 0;
  bool settled_ = false;  // shown_ is the span's picture, without anything of the one before
  YuvFrame from_;         // last picture of the span before
  YuvFrame into_;         // this span's picture
  YuvFrame shown_;        // the frame that was handed out
  YuvFrame drawn_;        // the frame being made
};

}  // namespace

Result<std::unique_ptr<Composer>> Composer::create(const Storyboard& storyboard, const Narration& narration,
                                                   const RenderOptions& options) {
  VIVID_TRY(check_options(storyboard, narration, options));
  VIVID_ASSIGN(auto painter, ScenePainter::create(storyboard, options));
  VIVID_ASSIGN(auto converter, YuvConverter::create(options.width_px, options.height_px));
  std::vector<Span> spans = make_timeline(storyboard, painter->pages(), narration, options.frames_per_second);
  if (spans.empty()) return fail(ErrorCode::invalid_input, "the narration is empty: there is nothing to show");
  return std::unique_ptr<Composer>(
      std::make_unique<TimelineComposer>(std::move(painter), std::move(converter), std::move(spans), options));
}

}  // namespace vivid::render
