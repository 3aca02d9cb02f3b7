#include "render/compose/frame_digest.h"

#include <span>
#include <string_view>
#include <type_traits>

#include "base/check.h"
#include "base/digest.h"

namespace vivid::render {
namespace {

// Whatever decides what a frame looks like is written down below. Where one of these has grown, so must that.
static_assert(sizeof(LayerState) == 5 * sizeof(int));
static_assert(sizeof(BlendState) == 4 * sizeof(int));
static_assert(sizeof(CameraPose) == 2 * sizeof(double));

class FrameDigest {
 public:
  FrameDigest(const Timeline& timeline, PictureStore& store) : timeline_(timeline), store_(store) {
    number(timeline.width());
    number(timeline.height());
  }

  void held() { ++held_; }

  Status changed(std::int64_t frame, const FrameChange& change) {
    end_hold();
    number(change.passing);
    number(change.damage.rects().size());
    for (const PixelRect& rect : change.damage.rects()) add(rect);
    const std::size_t index = timeline_.shot_at(frame);
    const BlendState state = timeline_.shots()[index].blend_at(frame, timeline_.width());
    const bool shows_old = index > 0 && state.shows_old();
    number(shows_old);
    if (shows_old) {
      number(state.blend);
      number(state.from_left);
      number(state.place);
      number(state.whole);
      VIVID_TRY(add(timeline_.shots()[index - 1], frame));
    }
    return add(timeline_.shots()[index], frame);
  }

  std::string finish() {
    end_hold();
    return digest_.finish_hex();
  }

 private:
  template <typename Number>
  void number(Number value) {
    static_assert(std::is_arithmetic_v<Number> || std::is_enum_v<Number>);
    if constexpr (std::is_floating_point_v<Number>) {
      digest_.update(std::as_bytes(std::span(&value, 1)));
    } else {
      const auto wide = static_cast<std::int64_t>(value);
      digest_.update(std::as_bytes(std::span(&wide, 1)));
    }
  }
  void text(std::string_view value) {
    number(value.size());
    digest_.update(std::as_bytes(std::span(value)));
  }
  void add(const PixelRect& rect) {
    number(rect.x);
    number(rect.y);
    number(rect.width);
    number(rect.height);
  }
  void end_hold() {
    number(held_);
    held_ = 0;
  }

  Status add(const Shot& shot, std::int64_t frame) {
    number(shot.camera.has_value());
    if (shot.camera) {
      const CameraPose pose = shot.camera->at(frame);
      number(pose.zoom);
      number(pose.shift);
      VIVID_ASSIGN(const std::string source, store_.camera_source_digest(shot.scene, shot.page, shot.base));
      text(source);
    } else {
      VIVID_ASSIGN(const std::string base, store_.base_digest(shot.scene, shot.page, shot.base));
      text(base);
    }
    for (std::size_t i = 0; i < shot.layers.size(); ++i) {
      const TimedLayer& layer = shot.layers[i];
      const LayerState state = layer.at(frame);
      if (!state.shown()) continue;
      const LayerPlace place = layer.place(state);
      add(place.bounds);
      number(state.opacity);
      number(state.drawn);
      number(state.scale);
      number(state.x);
      number(state.y);
      VIVID_ASSIGN(const std::string pixels, store_.layer_digest(shot.scene, shot.page, i, layer.stage.identity));
      text(pixels);
      // How a part of it looks, or all of it drawn anew for another place, is not known from the whole.
      if (state.drawn < kDrawnWhole || !place.is_rest()) text(layer.stage.identity);
    }
    number(-1);
    return {};
  }

  const Timeline& timeline_;
  PictureStore& store_;
  Sha256 digest_;
  std::int64_t held_ = 0;
};

}  // namespace

Result<std::string> digest_frames(const Timeline& timeline, PictureStore& store, std::int64_t first, std::int64_t end) {
  VIVID_CHECK(first >= 0 && first < end && end <= timeline.frame_count());
  FrameDigest digest(timeline, store);
  for (std::int64_t frame = first; frame < end; ++frame) {
    FrameChange change = timeline.change(frame);
    // Who begins here has no frame before.
    if (frame == first) change.damage = {};
    if (frame > first && change.damage.empty()) {
      digest.held();
    } else {
      VIVID_TRY(digest.changed(frame, change));
    }
  }
  return digest.finish();
}

}  // namespace vivid::render
