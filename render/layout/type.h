// Type and grid: the sizes, distances and faces that every page is made of.
//
// Sizes are a modular scale, each a major third (5:4) above the one below; what has to shrink goes down it in half
// steps, so that a lesson knows few sizes.
//
// Threads: values and free functions. Units: design pixels.
#pragma once

#include <string_view>
#include <vector>

#include "render/layout/page.h"

namespace vivid::render {

namespace type {
inline constexpr double kStep = 1.25;
inline constexpr double kBody = 44.0;                  // running text, items of a comparison
inline constexpr double kLabel = kBody / kStep;        // 35: in drawings
inline constexpr double kCaption = kLabel / kStep;     // 28: page numbers
inline constexpr double kMark = kCaption / kStep;      // 23: the watermark
inline constexpr double kLead = kBody * kStep;         // 55: points, what follows a title
inline constexpr double kHeading = kLead * kStep;      // 69: of a scene
inline constexpr double kHeadline = kHeading * kStep;  // 86: a heading of few words, an equation
inline constexpr double kTitle = kHeadline * kStep;    // 107: of a lesson
inline constexpr double kDisplay = kTitle * kStep;     // 134: a title of few words
}  // namespace type

// From `largest` down to `smallest` in half steps of the scale, both included.
std::vector<double> type_ladder(double largest, double smallest);

// Headings are set in a display cut: sciences in a sans, history and literature in a serif.
FontRole display_font(Subject subject);

// Of the font's own line height. Stacked marks need it whole; letters that have none look better closer together.
double heading_spacing(std::string_view text);
double body_spacing(std::string_view text);

// Characters, as far as they take room of their own.
std::size_t count_letters(std::string_view text);

namespace grid {
inline constexpr double kMarginX = 128.0;  // more than the 5 % that some screens cut off
inline constexpr double kTop = 108.0;
inline constexpr double kBottom = 972.0;  // below it: page number, progress and watermark
inline constexpr double kFoot = 1006.0;   // their middle
// The panel on a page's leading side, of the page's width; where the words beside it begin.
inline constexpr double kPanelShare = 0.37;
inline constexpr double kBesidePanel = 84.0;
inline constexpr double kSpine = 60.0;    // what is left of the panel on pages whose heading stands above
inline constexpr double kRadius = 8.0;    // of corners
inline constexpr double kInPanel = 56.0;  // from the words in it to its edge
// Narrower pages have no room for a panel beside their words.
inline constexpr double kLeastPanelPage = 1'600.0;
}  // namespace grid

}  // namespace vivid::render
