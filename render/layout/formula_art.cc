#include "render/layout/formula_art.h"

#include <librsvg/rsvg.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string_view>

namespace vivid::render {
namespace {

// Above and below a formula, so that those of two lines do not touch.
constexpr double kLeadingEm = 0.1;

struct Unref {
  void operator()(void* object) const noexcept { g_object_unref(object); }
};
using HandlePtr = std::unique_ptr<RsvgHandle, Unref>;

HandlePtr open(const Drawing& drawing) {
  // No address is given: nothing can be named that would be looked for beside it.
  return HandlePtr(
      rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(drawing.svg.data()), drawing.svg.size(), nullptr));
}

int to_byte(double channel) { return static_cast<int>(std::lround(std::clamp(channel, 0.0, 1.0) * 255.0)); }

bool set_color(RsvgHandle* handle, const Color& color) {
  std::array<char, 400> style{};
  const int length = std::snprintf(
      style.data(), style.size(),
      "svg{color:#%02x%02x%02x;fill-opacity:%.3f;stroke-opacity:%.3f}"
      "text{font-family:'Noto Sans','Noto Sans Arabic','Noto Sans Hebrew','Noto Sans Devanagari','Noto Sans Thai',"
      "'Noto Sans CJK SC','Noto Sans Math';stroke:none}",
      to_byte(color.r), to_byte(color.g), to_byte(color.b), color.a, color.a);
  return rsvg_handle_set_stylesheet(handle, reinterpret_cast<const guint8*>(style.data()), static_cast<gsize>(length),
                                    nullptr) != FALSE;
}

double em_of(const PangoAttrShape& shape, const Drawing& drawing) {
  return static_cast<double>(shape.logical_rect.width) / PANGO_SCALE / drawing.width_em;
}

extern "C" void draw_shape(cairo_t* cairo, PangoAttrShape* shape, gboolean as_path, gpointer) noexcept {
  if (as_path != FALSE) return;
  const auto& drawing = *static_cast<const Drawing*>(shape->data);
  double x = 0.0;
  double y = 0.0;
  Color color;
  cairo_get_current_point(cairo, &x, &y);
  if (cairo_pattern_get_rgba(cairo_get_source(cairo), &color.r, &color.g, &color.b, &color.a) != CAIRO_STATUS_SUCCESS) {
    return;
  }
  draw_formula(cairo, drawing, x, y, em_of(*shape, drawing), color);
}

PangoRectangle box_of(const Drawing& drawing, double em_px) {
  const auto units = [](double px) { return static_cast<int>(std::lround(px * PANGO_SCALE)); };
  PangoRectangle box;
  box.x = 0;
  box.y = units(-(drawing.height_em + kLeadingEm) * em_px);
  box.width = units(drawing.width_em * em_px);
  box.height = units((drawing.height_em + drawing.depth_em + 2 * kLeadingEm) * em_px);
  return box;
}

// A factor counts the fonts' height alone: lines would reach into a formula that is taller. What it adds to letters is
// put between lines instead.
void space_by_height(PangoLayout* layout) {
  const double factor = pango_layout_get_line_spacing(layout);
  PangoContext* context = pango_layout_get_context(layout);
  PangoFontMetrics* metrics = pango_context_get_metrics(context, pango_layout_get_font_description(layout),
                                                        pango_context_get_language(context));
  const int height = pango_font_metrics_get_ascent(metrics) + pango_font_metrics_get_descent(metrics);
  pango_font_metrics_unref(metrics);
  pango_layout_set_line_spacing(layout, 0.0F);
  pango_layout_set_spacing(layout, static_cast<int>(std::lround(std::max(0.0, factor - 1.0) * height)));
}

}  // namespace

bool can_be_drawn(const Drawing& drawing) noexcept { return open(drawing) != nullptr; }

void draw_formula(cairo_t* cairo, const Drawing& drawing, double x, double baseline, double em_px, const Color& color) {
  const HandlePtr handle = open(drawing);
  if (!handle || !set_color(handle.get(), color)) return;
  const double room = drawing.room_em * em_px;
  const RsvgRectangle view{x - room, baseline - drawing.height_em * em_px - room, drawing.width_em * em_px + 2 * room,
                           (drawing.height_em + drawing.depth_em) * em_px + 2 * room};
  cairo_save(cairo);
  rsvg_handle_render_document(handle.get(), cairo, &view, nullptr);
  cairo_restore(cairo);
}

void draw_formulas_in(PangoContext* context) {
  pango_cairo_context_set_shape_renderer(context, &draw_shape, nullptr, nullptr);
}

void make_room_for_formulas(PangoLayout* layout, const FormulaTable& table, double size_px, double width) {
  const auto places = table.find_in(pango_layout_get_text(layout));
  if (places.empty()) return;
  PangoAttrList* attributes = pango_attr_list_new();
  for (const FormulaTable::Place& place : places) {
    const double em = std::min(size_px * kFormulaScale, width / place.drawing->width_em);
    const PangoRectangle box = box_of(*place.drawing, em);
    // Borrowed: the table outlives every layout.
    void* data = const_cast<Drawing*>(place.drawing);
    PangoAttribute* shape = pango_attr_shape_new_with_data(&box, &box, data, nullptr, nullptr);
    shape->start_index = static_cast<guint>(place.offset);
    shape->end_index = static_cast<guint>(place.offset + 4);
    pango_attr_list_insert(attributes, shape);
  }
  pango_layout_set_attributes(layout, attributes);
  pango_attr_list_unref(attributes);
  space_by_height(layout);
}

}  // namespace vivid::render
