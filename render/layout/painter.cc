#include "render/layout/painter.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "render/layout/motif.h"

namespace vivid::render {
namespace {

constexpr double kPi = 3.14159265358979323846;

struct ContextDeleter {
  void operator()(cairo_t* cairo) const noexcept { cairo_destroy(cairo); }
};
using ContextPtr = std::unique_ptr<cairo_t, ContextDeleter>;

void set_color(cairo_t* cr, const Color& color) { cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a); }

void rounded_box(cairo_t* cr, const Rect& box, double radius) {
  const double r = std::min({radius, box.width / 2, box.height / 2});
  cairo_new_sub_path(cr);
  cairo_arc(cr, box.right() - r, box.y + r, r, -kPi / 2, 0);
  cairo_arc(cr, box.right() - r, box.bottom() - r, r, 0, kPi / 2);
  cairo_arc(cr, box.x + r, box.bottom() - r, r, kPi / 2, kPi);
  cairo_arc(cr, box.x + r, box.y + r, r, kPi, 1.5 * kPi);
  cairo_close_path(cr);
}

void paint_card(cairo_t* cr, const Element& element, double line_width) {
  rounded_box(cr, element.box, element.radius);
  set_color(cr, element.fill);
  cairo_fill(cr);
  rounded_box(cr, element.box.inset(line_width / 2, line_width / 2), element.radius);
  set_color(cr, element.color);
  cairo_set_line_width(cr, line_width);
  cairo_stroke(cr);
}

// `around` thicker on every side.
void draw_arrow(cairo_t* cr, const Element& element, const Color& color, double around) {
  const double dx = element.to.x - element.from.x;
  const double dy = element.to.y - element.from.y;
  const double length = std::hypot(dx, dy);
  if (length < 1.0) return;
  const double head = std::min(46.0, length * 0.6);
  const double ux = dx / length;
  const double uy = dy / length;
  set_color(cr, color);
  cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width(cr, 12.0 + 2 * around);
  cairo_move_to(cr, element.from.x, element.from.y);
  cairo_line_to(cr, element.to.x - ux * head * 0.8, element.to.y - uy * head * 0.8);
  cairo_stroke(cr);
  cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width(cr, 5.0 + 2 * around);
  const double wing = head * 0.52;
  cairo_move_to(cr, element.to.x - ux * 3, element.to.y - uy * 3);
  cairo_line_to(cr, element.to.x - ux * head - uy * wing, element.to.y - uy * head + ux * wing);
  cairo_line_to(cr, element.to.x - ux * head + uy * wing, element.to.y - uy * head - ux * wing);
  cairo_close_path(cr);
  cairo_fill_preserve(cr);
  cairo_stroke(cr);
}

// As far as it has come on its way.
void paint_arrow(cairo_t* cr, const Element& element, double drawn) {
  Element arrow = element;
  arrow.to = {element.from.x + (element.to.x - element.from.x) * drawn,
              element.from.y + (element.to.y - element.from.y) * drawn};
  if (element.casing > 0) draw_arrow(cr, arrow, element.fill, element.casing);
  draw_arrow(cr, arrow, element.color, 0.0);
}

// The line runs around the region, and its colour comes with it.
void paint_highlight(cairo_t* cr, const Element& element, double drawn) {
  constexpr double kLine = 6.0;
  const Rect line = element.box.inset(kLine / 2, kLine / 2);
  const double around = 2 * (line.width + line.height) * drawn;
  const double gap = 2 * (line.width + line.height);
  const double dashes[] = {around, gap};
  const auto stroke = [&](const Color& color, double width) {
    rounded_box(cr, line, element.radius);
    set_color(cr, color);
    cairo_set_line_width(cr, width);
    if (drawn < 1.0) cairo_set_dash(cr, dashes, 2, 0.0);
    cairo_stroke(cr);
    cairo_set_dash(cr, nullptr, 0, 0.0);
  };
  if (element.casing > 0) {
    stroke(element.fill.with_alpha(1.0), kLine + 2 * element.casing);
  } else {
    rounded_box(cr, element.box, element.radius);
    set_color(cr, element.fill.with_alpha(element.fill.a * drawn));
    cairo_fill(cr);
  }
  stroke(element.color, kLine);
}

void paint_bar(cairo_t* cr, const Element& element) {
  rounded_box(cr, element.box, element.radius);
  set_color(cr, element.color);
  cairo_fill(cr);
}

void paint_progress(cairo_t* cr, const Element& element, double drawn) {
  constexpr double kGap = 8.0;
  const double shown = element.box.width * drawn;
  const double part = element.box.width / element.parts;
  for (int i = 0; i < element.parts && i * part < shown; ++i) {
    const double begin = i * part;
    const double end = std::min(shown, begin + part - (element.parts > 1 ? kGap : 0.0));
    const double x = element.style.rtl ? element.box.right() - end : element.box.x + begin;
    cairo_rectangle(cr, x, element.box.y, std::max(0.0, end - begin), element.box.height);
  }
  set_color(cr, element.color);
  cairo_fill(cr);
}

void paint_element(cairo_t* cr, const TextEngine& engine, const Theme& theme, const Element& element,
                   double drawn = 1.0) {
  switch (element.kind) {
    case ElementKind::text:
      engine.draw(cr, element);
      break;
    case ElementKind::card:
    case ElementKind::stage:
      paint_card(cr, element, 2.0);
      break;
    case ElementKind::plate:
      paint_card(cr, element, 3.0);
      break;
    case ElementKind::highlight:
      paint_highlight(cr, element, drawn);
      break;
    case ElementKind::bar:
    case ElementKind::panel:
      paint_bar(cr, element);
      break;
    case ElementKind::progress:
      paint_progress(cr, element, drawn);
      break;
    case ElementKind::arrow:
      paint_arrow(cr, element, drawn);
      break;
    case ElementKind::motif:
      draw_motif(cr, theme.subject, element.box, element.color);
      break;
  }
}

void paint_viewed(cairo_surface_t* surface, cairo_surface_t* image, const CameraView& view) {
  const ContextPtr cr(cairo_create(surface));
  cairo_translate(cr.get(), view.x, view.y);
  cairo_scale(cr.get(), view.scale, view.scale);
  cairo_set_source_surface(cr.get(), image, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cr.get()), CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend(cairo_get_source(cr.get()), CAIRO_EXTEND_PAD);
  cairo_paint(cr.get());
}

}  // namespace

void SurfaceDeleter::operator()(cairo_surface_t* surface) const noexcept { cairo_surface_destroy(surface); }

Result<SurfacePtr> make_surface(int width_px, int height_px) {
  SurfacePtr surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width_px, height_px));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorCode::resource_exhausted,
                "no memory for a picture of " + std::to_string(width_px) + "x" + std::to_string(height_px) + " pixels");
  }
  return surface;
}

void paint_backdrop(cairo_surface_t* surface, const Theme& theme) {
  const ContextPtr cr(cairo_create(surface));
  const double width = cairo_image_surface_get_width(surface);
  const double height = cairo_image_surface_get_height(surface);
  cairo_pattern_t* slope = cairo_pattern_create_linear(0, 0, width * 0.6, height);
  const auto stop = [&](double at, const Color& c) { cairo_pattern_add_color_stop_rgb(slope, at, c.r, c.g, c.b); };
  stop(0.0, theme.background_high);
  stop(0.45, theme.background);
  stop(1.0, theme.background_low);
  cairo_set_source(cr.get(), slope);
  cairo_paint(cr.get());
  cairo_pattern_destroy(slope);
}

void paint_page(cairo_surface_t* surface, const TextEngine& engine, const Theme& theme, const Page& page, int step) {
  const ContextPtr cr(cairo_create(surface));
  const double scale = cairo_image_surface_get_height(surface) / kPageHeight;
  cairo_scale(cr.get(), scale, scale);
  for (const Element& element : page.elements) {
    if (element.step <= step) paint_element(cr.get(), engine, theme, element);
  }
}

void paint_elements(cairo_surface_t* surface, const TextEngine& engine, const Theme& theme, const Page& page,
                    const std::vector<std::size_t>& elements, const Window& window, double drawn) {
  const ContextPtr cr(cairo_create(surface));
  cairo_translate(cr.get(), -window.x_px, -window.y_px);
  cairo_scale(cr.get(), window.scale, window.scale);
  for (const std::size_t index : elements) paint_element(cr.get(), engine, theme, page.elements[index], drawn);
}

Rect ink_of(const TextEngine& engine, const Theme& theme, const Element& element) {
  // It is drawn as a group, of which a recording knows no bounds. Its lines may reach over its box by half their width.
  if (element.kind == ElementKind::motif) {
    return element.box.inset(-0.05 * element.box.width, -0.05 * element.box.height);
  }
  const SurfacePtr record(cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, nullptr));
  {
    const ContextPtr cr(cairo_create(record.get()));
    paint_element(cr.get(), engine, theme, element);
  }
  Rect ink;
  cairo_recording_surface_ink_extents(record.get(), &ink.x, &ink.y, &ink.width, &ink.height);
  return ink;
}

CameraPose camera_pose(Motion motion, double progress) {
  switch (motion) {
    case Motion::zoom_in:
      return {1.0 + (kCameraRoom - 1.0) * progress, 0.5};
    case Motion::zoom_out:
      return {kCameraRoom - (kCameraRoom - 1.0) * progress, 0.5};
    case Motion::pan_left:
      return {kCameraRoom, 1.0 - progress};
    case Motion::pan_right:
      return {kCameraRoom, progress};
    case Motion::none:
      break;
  }
  return {};
}

CameraView camera_view(const CameraPose& pose, double width, double height, double picture_width,
                       double picture_height) {
  const double scale = std::max(width / picture_width, height / picture_height) * pose.zoom;
  return {scale, (width - picture_width * scale) * pose.shift, (height - picture_height * scale) * 0.5};
}

void paint_image(cairo_surface_t* surface, cairo_surface_t* image, const CameraPose& pose) {
  const CameraView view =
      camera_view(pose, cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface),
                  cairo_image_surface_get_width(image), cairo_image_surface_get_height(image));
  paint_viewed(surface, image, view);
}

void paint_unscaled(cairo_surface_t* surface, cairo_surface_t* image) { paint_viewed(surface, image, {}); }

double veil_alpha(const Theme& theme) {
  const Color worst = readable_on(theme.background);
  for (double alpha = 0.80; alpha < 1.0; alpha += 0.01) {
    const Color behind = mix(theme.background, worst, 1.0 - alpha);
    if (contrast_ratio(theme.muted, behind) >= kTextContrast &&
        contrast_ratio(theme.accent_text, behind) >= kTextContrast) {
      return alpha;
    }
  }
  return 1.0;
}

void paint_veil(cairo_surface_t* surface, const Theme& theme, double alpha) {
  const ContextPtr cr(cairo_create(surface));
  set_color(cr.get(), theme.background.with_alpha(alpha));
  cairo_paint(cr.get());
}

Status write_png(cairo_surface_t* surface, const std::filesystem::path& path) {
  const cairo_status_t status = cairo_surface_write_to_png(surface, path.c_str());
  if (status == CAIRO_STATUS_SUCCESS) return {};
  const ErrorCode code = status == CAIRO_STATUS_NO_MEMORY ? ErrorCode::resource_exhausted : ErrorCode::io_error;
  return fail(code, "cannot write " + path.string() + ": " + cairo_status_to_string(status));
}

}  // namespace vivid::render
