// A page: what is drawn where, and in which order it appears. Made by the layout, drawn by the painter.
//
// Threads: values. Units: design pixels: the page is always kPageHeight high; the painter scales.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "render/layout/color.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

inline constexpr double kPageHeight = 1080.0;
// Nothing that must be seen is drawn outside: some screens cut the edge off.
inline constexpr double kSafeMargin = 0.05;

struct Rect {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
  bool intersects(const Rect& other) const {
    return x < other.right() && other.x < right() && y < other.bottom() && other.y < bottom();
  }
  bool contains(const Rect& other) const {
    return other.x >= x - 0.5 && other.y >= y - 0.5 && other.right() <= right() + 0.5 &&
           other.bottom() <= bottom() + 0.5;
  }
  Rect inset(double dx, double dy) const { return {x + dx, y + dy, width - 2 * dx, height - 2 * dy}; }
};

// display: for large sizes.
enum class FontRole { sans, serif, display, display_serif };
enum class Align { leading, center };

struct TextStyle {
  FontRole font = FontRole::sans;
  double size_px = 44.0;
  int weight = 400;
  bool italic = false;
  double line_spacing = 1.0;  // of the font's own line height
  Align align = Align::leading;
  bool rtl = false;  // the page's leading edge is the right one
};

enum class ElementKind { text, card, bar, arrow, plate, highlight, motif, stage, panel, progress };

// How an element comes in, where there is time for it: from a little below, likewise but only after what it belongs to,
// from the leading edge, a little smaller. Most come with their page: a fade is calmer, and costs an encoder least.
enum class Entrance { none, rise, follow, slide, grow };

// Which words of the scene an element shows.
enum class SourceField { none, title, body, bullet, equation, overlay, annotation };
struct Source {
  SourceField field = SourceField::none;
  int index = 0;           // of the bullet, equation or annotation
  std::size_t offset = 0;  // bytes into it, where a long text was divided
};

struct Element {
  ElementKind kind = ElementKind::text;
  Rect box;
  std::string text;  // plain, or Pango markup
  bool markup = false;
  TextStyle style;
  Color color;  // of text, stroke or fill
  Color fill;   // behind it, where the kind has two colours
  // Around lines that lie on a picture, in the colour of `fill`.
  double casing = 0.0;
  Point from;  // design pixels; arrows
  Point to;
  double radius = 0.0;
  int step = 0;  // shown from this step of the page on
  // The annotation of the scene that it belongs to: what does comes with it; -1: none.
  int annotation = -1;
  Source source;
  Entrance entrance = Entrance::none;
  bool rests = false;       // it steps back when what comes after it is spoken of
  double drawn_from = 0.0;  // of a progress line: how much of it there was before
  int parts = 1;            // of a progress line: with gaps between them
};

// A moment at which a page changes: it is entered, or something more appears.
struct Step {
  // What is spoken when it happens: this bullet, or the body from `offset` on (bullet = -1, offset > 0).
  int bullet = -1;
  std::size_t offset = 0;
  double weight = 1.0;  // how much there is to read, for pages that nothing spoken belongs to
};

struct Page {
  std::vector<Element> elements;
  std::vector<Step> steps{1};
  bool veil = true;  // a picture behind the page is dimmed, so that words can stand on it anywhere
};

}  // namespace vivid::render
