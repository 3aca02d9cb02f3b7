// Text: measured, divided and drawn by Pango. The same text in the same width always takes the same room.
//
// Threads: one engine belongs to one thread. Ownership: the engine owns its font map.
// Units: design pixels; glyphs are neither hinted nor snapped, so that a page scales without moving.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "render/layout/formula_table.h"
#include "render/layout/page.h"

typedef struct _cairo cairo_t;

namespace vivid::render {

// True if the first letter with a direction runs from right to left.
bool is_rtl_text(std::string_view text);
bool is_rtl_language(std::string_view language);

struct MeasuredLine {
  std::size_t begin = 0;  // bytes into the text
  std::size_t end = 0;
  double width = 0.0;
  double bottom = 0.0;
};

struct MeasuredText {
  double width = 0.0;
  double height = 0.0;
  double baseline = 0.0;      // of the first line, from the top
  Rect ink;                   // relative to the top left of the text's box
  bool breaks_words = false;  // a word did not fit into the width
  std::vector<MeasuredLine> lines;
};

class TextEngine {
 public:
  explicit TextEngine(std::string_view language, FormulaTable formulas = {});
  ~TextEngine();
  TextEngine(const TextEngine&) = delete;
  TextEngine& operator=(const TextEngine&) = delete;

  MeasuredText measure(std::string_view text, bool markup, const TextStyle& style, double width) const;
  // What stands for formulas in texts.
  const FormulaTable& formulas() const;
  // From the top of the element's box on, in the element's colour.
  void draw(cairo_t* cairo, const Element& element) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace vivid::render
