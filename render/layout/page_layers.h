// A page as layers: what appears together and lies together, each drawn once and moved, faded or drawn on as a whole.
//
// Threads: values and free functions; the engine belongs to one thread. Units: design pixels.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "render/layout/page.h"
#include "render/layout/text_engine.h"
#include "render/layout/theme.h"

namespace vivid::render {

struct PageLayer {
  int step = 0;                       // shown from this step of the page on
  int annotation = -1;                // of the scene, that it belongs to
  std::vector<std::size_t> elements;  // of the page, in the order in which they are drawn
  Rect ink;                           // nothing of the layer lies outside
  bool draws_on = false;              // a single arrow, highlight or line: it may be drawn as if by hand
  // Equal for two layers of pages of one size exactly if they look the same.
  std::string identity;
  Entrance entrance = Entrance::none;
  bool rests = false;
  double drawn_from = 0.0;
};

// From the lowest to the highest. Drawn one over the other they give the page.
std::vector<PageLayer> split_page(const TextEngine& engine, const Theme& theme, const Page& page);

}  // namespace vivid::render
