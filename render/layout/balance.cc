#include "render/layout/balance.h"

#include <algorithm>
#include <cmath>

#include "render/layout/formula_art.h"

namespace vivid::render {
namespace {

// Longer texts are not looked at: they cost time, and have enough lines for one of them not to matter.
constexpr std::size_t kLongestBytes = 1'500;
constexpr std::size_t kFewLines = 3;
constexpr double kShortLine = 0.35;
constexpr double kMostNarrowed = 0.14;

bool same_lines(const TextEngine& engine, std::string_view text, const TextStyle& style, double width,
                const MeasuredText& wanted) {
  const MeasuredText measured = engine.measure(text, false, style, width);
  return measured.lines.size() <= wanted.lines.size() && measured.height <= wanted.height + 0.01 &&
         measured.breaks_words == wanted.breaks_words;
}

// The widest formula's, as a line of `width` holds it. In a narrower one it would be drawn smaller, in no more lines.
double formulas_width(const TextEngine& engine, std::string_view text, const TextStyle& style, double width) {
  double widest = 0.0;
  for (const FormulaTable::Place& place : engine.formulas().find_in(text)) {
    widest = std::max(widest, std::ceil(place.drawing->width_em * style.size_px * kFormulaScale));
  }
  return std::min(widest, width);
}

}  // namespace

double balanced_width(const TextEngine& engine, std::string_view text, const TextStyle& style, double width) {
  if (text.size() > kLongestBytes || width <= 0) return width;
  const MeasuredText wanted = engine.measure(text, false, style, width);
  if (wanted.lines.size() < 2 || wanted.breaks_words) return width;
  double narrow =
      std::max(width / static_cast<double>(wanted.lines.size() + 1), formulas_width(engine, text, style, width));
  double wide = width;
  while (wide - narrow > 4.0) {
    const double middle = std::floor((narrow + wide) / 2);
    (same_lines(engine, text, style, middle, wanted) ? wide : narrow) = middle;
  }
  return wide;
}

double settled_width(const TextEngine& engine, std::string_view text, const TextStyle& style, double width) {
  if (text.size() > kLongestBytes || width <= 0) return width;
  const MeasuredText wanted = engine.measure(text, false, style, width);
  if (wanted.lines.size() < 2 || wanted.breaks_words) return width;
  if (wanted.lines.size() <= kFewLines) return balanced_width(engine, text, style, width);
  const double least = formulas_width(engine, text, style, width);
  for (double narrower = 0.0; narrower <= kMostNarrowed; narrower += 0.02) {
    const double candidate = std::floor(width * (1.0 - narrower));
    if (candidate < least || !same_lines(engine, text, style, candidate, wanted)) break;
    if (engine.measure(text, false, style, candidate).lines.back().width >= kShortLine * width) return candidate;
  }
  return width;
}

Rect narrowed(const Rect& box, double width, const TextStyle& style) {
  Rect narrow = box;
  narrow.width = width;
  if (style.align == Align::center) {
    narrow.x = box.x + (box.width - width) / 2;
  } else if (style.rtl) {
    narrow.x = box.right() - width;
  }
  return narrow;
}

}  // namespace vivid::render
