// From one picture to another: how far it has come, where that shows, and the pixels.
//
// Threads: values and free functions. Units: output pixels.
#pragma once

#include <cstdint>

#include "render/compose/region.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

class YuvFrame;

enum class Blend {
  none,
  fade,
  slide,     // the new picture pushes the old one out
  wipe,      // a soft edge runs over the frame
  dissolve,  // through black
};
Blend blend_of(Transition transition);

// How far a transition has come, in the steps in which its frames can differ.
struct BlendState {
  Blend blend = Blend::none;
  bool from_left = false;
  int place = 0;  // 0: only the old picture is seen
  int whole = 0;  // place of the new picture alone

  bool operator==(const BlendState&) const = default;
  bool shows_old() const { return place < whole; }
  bool shows_new() const { return place > 0 || whole == 0; }
};
// `t`: 0 … 1, eased already.
BlendState blend_state(Blend blend, double t, int width_px, bool from_left);

// The width of a wipe's soft edge.
int wipe_softness(int width_px);

// Where a frame with one state differs from the one with the other, if the pictures differ in `difference` only.
Region blend_damage(const BlendState& before, const BlendState& now, const Region& difference, const PixelRect& frame);

// Both pictures as the state says, within `rect`.
void blend(const YuvFrame& from, const YuvFrame& into, const BlendState& state, const PixelRect& rect, YuvFrame& to);

}  // namespace vivid::render
