#include "render/compose/layer_motion.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace vivid::render {
namespace {

using std::chrono::microseconds;

constexpr microseconds kAppearing{300'000};
// With its scene: shorter than the way from one scene to another, so that it costs no frame of its own.
constexpr microseconds kEntering{400'000};
constexpr microseconds kDrawing{600'000};
constexpr microseconds kProgressing{500'000};
constexpr double kSmaller = 0.92;

// From one value at the frame before `frame` to another one after `length`, or by `end` if that is sooner.
std::vector<Key> way(std::int64_t frame, std::int64_t length, std::int64_t end, double from, double to, Easing easing) {
  const std::int64_t done = std::max(std::min(frame + length, end), frame);
  return {{frame - 1, from, easing}, {done, to, easing}};
}

// What moves into its place besides appearing.
void enter(TimedLayer& layer, std::int64_t frame, std::int64_t length, std::int64_t end, bool rtl) {
  const double away = layer.stage.rise_px;
  switch (layer.stage.entrance) {
    case Entrance::rise:
    case Entrance::follow:
      layer.y = Track(way(frame, length, end, away, 0.0, Easing::settle));
      break;
    case Entrance::slide:
      layer.x = Track(way(frame, length, end, rtl ? 2 * away : -2 * away, 0.0, Easing::settle));
      break;
    case Entrance::grow:
      layer.scale = Track(way(frame, length, end, kSmaller, 1.0, Easing::settle));
      break;
    case Entrance::none:
      break;
  }
}

// Appended to the keys of an opacity, none of which comes later.
void add_way(std::vector<Key>& keys, std::int64_t frame, std::int64_t length, double to) {
  const double from = keys.back().value;
  const std::int64_t first = std::max(frame - 1, keys.back().frame + 1);
  keys.push_back({first, from, Easing::gentle});
  keys.push_back({first + 1 + length, to, Easing::gentle});
}

}  // namespace

TimedLayer timed_layer(const StageLayer& layer, const LayerCue& cue, const StageScene& scene, FrameRate rate) {
  using Coming = LayerCue::Coming;
  TimedLayer timed{layer};
  if (cue.coming == Coming::never) {
    timed.opacity = Track(0.0);
    return timed;
  }
  const std::int64_t appearing = frame_at(kAppearing, rate);
  std::vector<Key> opacity{{cue.frame - 1, 1.0, Easing::gentle}};
  if (cue.coming == Coming::revealed) {
    opacity = way(cue.frame, appearing, cue.end, 0.0, 1.0, Easing::gentle);
    enter(timed, cue.frame, appearing, cue.end, scene.rtl);
  } else if (cue.coming == Coming::drawn) {
    timed.drawn = Track(way(cue.frame, frame_at(kDrawing, rate), cue.end, 0.0, 1.0, Easing::gentle));
  } else if (cue.coming == Coming::with_scene && layer.draws_on && layer.annotation < 0) {
    timed.drawn = Track(way(cue.frame, frame_at(kProgressing, rate), cue.end, layer.drawn_from, 1.0, Easing::gentle));
  } else if (cue.coming == Coming::with_scene) {
    enter(timed, cue.frame, frame_at(kEntering, rate), cue.end, scene.rtl);
  }
  if (cue.rest && layer.rests && scene.resting_opacity < 1.0) {
    add_way(opacity, *cue.rest, appearing, scene.resting_opacity);
    if (cue.back) add_way(opacity, *cue.back, appearing, 1.0);
  }
  timed.opacity = Track(std::move(opacity));
  return timed;
}

}  // namespace vivid::render
