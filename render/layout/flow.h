// Blocks of text set one below the other into a column, over as many pages as they need.
//
// A flow shrinks its text to a floor before it takes another page; then it takes the largest size that needs no more
// pages, and balances them. No character is dropped: a block that does not fit is divided between lines, best after a
// sentence.
//
// Threads: free functions; the engine belongs to one thread. Units: design pixels.
#pragma once

#include <string>
#include <vector>

#include "render/layout/page.h"
#include "render/layout/text_engine.h"
#include "render/layout/theme.h"
#include "render/layout/type.h"

namespace vivid::render {

enum class BlockKind {
  paragraph,  // running text
  point,      // a bullet under a rule of its own, with a number if it has one
  item,       // a bullet in a plain list
  equation,   // TeX-like source, large and centred on a surface
};

struct Block {
  BlockKind kind = BlockKind::paragraph;
  std::string text;
  FontRole font = FontRole::sans;
  double size_px = type::kBody;
  int weight = 400;
  Color color;
  int number = 0;
  double space_before_px = 28.0;
  Source source;
};

struct FlowOptions {
  Rect column;
  bool rtl = false;
  double floor_scale = 0.7;
  double largest_scale = 1.0;
  // Of the blocks' sizes, the floor included. Enlarged text shrinks below its floor, down to the one it would have
  // without this, where a word would break otherwise.
  double font_scale = 1.0;
  // Where the unused height goes: 0 all of it below, 0.5 half above.
  double rise = 0.36;
};

std::vector<Page> flow_blocks(const TextEngine& engine, const Theme& theme, const std::vector<Block>& blocks,
                              const FlowOptions& options);

// The number of bytes of `text` that fit into `height`, cut between lines and if possible after a sentence; all of
// them if they fit.
std::size_t fitting_bytes(const TextEngine& engine, std::string_view text, const TextStyle& style, double width,
                          double height);

}  // namespace vivid::render
