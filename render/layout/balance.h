// Where lines end: headings in lines of about one length, paragraphs without a lone word in the last.
//
// Threads: free functions; the engine belongs to one thread. Units: design pixels.
#pragma once

#include <string_view>

#include "render/layout/text_engine.h"

namespace vivid::render {

// The least width, up to `width`, at which the text takes no more lines than at `width`.
double balanced_width(const TextEngine& engine, std::string_view text, const TextStyle& style, double width);

// `width`, or a little less if that brings company to a short last line without taking another line. Few lines are
// balanced.
double settled_width(const TextEngine& engine, std::string_view text, const TextStyle& style, double width);

// A box of the narrower width inside one of the wider: at the leading edge, or in the middle for centred text.
Rect narrowed(const Rect& box, double width, const TextStyle& style);

}  // namespace vivid::render
