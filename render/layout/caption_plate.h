// Captions as part of the picture: one or two lines on a plate of their own, above the page's foot, where scenes that
// are laid out for them leave the room free.
//
// The plate is dark, whatever the theme: white letters on it have a contrast of at least 12:1 over any picture, and
// 21:1 with high contrast. Letters are 8 % of the picture's height with their line's share of the space, as the BBC
// Subtitle Guidelines ask for.
//
// Threads: free functions; the engine belongs to one thread. Units: design pixels.
#pragma once

#include <string>
#include <vector>

#include "render/layout/page.h"
#include "render/layout/text_engine.h"

namespace vivid::render {

struct CaptionStyle {
  double page_width = 1920.0;
  double font_scale = 1.0;
  bool high_contrast = false;
};

// The height above the foot of a page that captions may take.
double caption_room(double font_scale);

// A page with nothing but the caption; empty lines are none.
Page lay_out_caption(const TextEngine& engine, const std::vector<std::string>& lines, const CaptionStyle& style);

}  // namespace vivid::render
