#include "render/layout/foot.h"

#include <algorithm>
#include <string>

#include "render/layout/scene_parts.h"

namespace vivid::render {
namespace {

constexpr double kSmallestMark = 18.0;
constexpr double kProgressHeight = 8.0;
// With more scenes than this the line is one: its parts would be dashes.
constexpr int kMostParts = 40;

// A line of text in one of the bottom corners, inside the safe area, below all content.
void put_mark(Page& page, const SceneContext& context, const std::string& text, double size, bool at_right) {
  Element mark;
  mark.style.weight = 500;
  mark.style.rtl = at_right;
  const double width = context.page_width / 3;
  // A picture may be of any colour: there the mark stands on a plate.
  const bool on_plate = context.has_image || (context.has_backdrop && context.theme.contrast == Contrast::high);
  const double fitting = fit_size(*context.engine, text, mark.style, sizes_at(context.font_scale, size, kSmallestMark),
                                  width, on_plate ? 34.0 : 40.0);
  mark.style.size_px = fitting > 0.0 ? fitting : kSmallestMark;
  const MeasuredText measured = context.engine->measure(text, false, mark.style, width);
  // Longer than its corner: the first line of it stands for the whole.
  mark.text = text.substr(0, measured.lines.front().end);
  const double height = measured.lines.front().bottom;
  const double x = at_right ? context.page_width - grid::kMarginX - width : grid::kMarginX;
  mark.box = {x, grid::kFoot - height / 2, width, height};
  mark.color = context.theme.muted;
  if (on_plate) {
    Element plate;
    plate.kind = ElementKind::card;
    const double mark_width = std::min(measured.width, width);
    const double plate_x = at_right ? mark.box.right() - mark_width : mark.box.x;
    plate.box = Rect{plate_x, mark.box.y, mark_width, height}.inset(-14.0, -3.0);
    plate.fill = context.theme.background;
    plate.color = context.theme.background;
    plate.radius = grid::kRadius;
    page.elements.push_back(plate);
  }
  page.elements.push_back(std::move(mark));
}

// At the very edge: it says nothing that must be seen.
Element progress_line(const SceneContext& context, bool rtl, int scenes, const Color& color) {
  const double width = context.page_width * scenes / context.scene_count;
  Element line;
  line.kind = ElementKind::progress;
  line.box = {rtl ? context.page_width - width : 0.0, kPageHeight - kProgressHeight, width, kProgressHeight};
  line.style.rtl = rtl;
  line.parts = context.scene_count <= kMostParts ? scenes : 1;
  line.color = color;
  line.drawn_from = 1.0;
  return line;
}

void put_progress(Page& page, const SceneContext& context, bool rtl) {
  const int done = std::min(context.scene_index + 1, context.scene_count);
  page.elements.push_back(progress_line(context, rtl, context.scene_count, context.theme.rule));
  page.elements.push_back(progress_line(context, rtl, done, context.theme.accent));
  page.elements.back().drawn_from = static_cast<double>(done - 1) / done;
}

}  // namespace

void put_foot(std::vector<Page>& pages, const SceneContext& context, bool rtl) {
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (context.progress_line && context.scene_count > 1) put_progress(pages[i], context, rtl);
    if (pages.size() > 1) {
      const std::string number = std::to_string(i + 1) + "\u2009/\u2009" + std::to_string(pages.size());
      put_mark(pages[i], context, number, type::kMark, rtl);
    }
    if (!context.watermark.empty()) put_mark(pages[i], context, context.watermark, type::kMark, !rtl);
  }
}

}  // namespace vivid::render
