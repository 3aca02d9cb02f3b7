#include "render/layout/motif.h"

#include <cairo.h>

#include <cmath>

namespace vivid::render {
namespace {

constexpr double kPi = 3.14159265358979323846;

// All motifs are drawn in a square from -1 to 1.
void ellipse(cairo_t* cr, double rx, double ry, double turn) {
  cairo_save(cr);
  cairo_rotate(cr, turn);
  cairo_scale(cr, rx, ry);
  cairo_new_sub_path(cr);
  cairo_arc(cr, 0, 0, 1, 0, 2 * kPi);
  cairo_restore(cr);
}

void dot(cairo_t* cr, double x, double y, double radius) {
  cairo_new_sub_path(cr);
  cairo_arc(cr, x, y, radius, 0, 2 * kPi);
  cairo_fill(cr);
}

// An atom: three orbits around a core.
void draw_orbits(cairo_t* cr) {
  for (int i = 0; i < 3; ++i) {
    const double turn = i * kPi / 3;
    ellipse(cr, 0.95, 0.36, turn);
    cairo_stroke(cr);
    const double at = 0.9 + i * 1.7;
    const double x = 0.95 * std::cos(at);
    const double y = 0.36 * std::sin(at);
    dot(cr, x * std::cos(turn) - y * std::sin(turn), x * std::sin(turn) + y * std::cos(turn), 0.055);
  }
  dot(cr, 0, 0, 0.13);
}

// A curve over its grid.
void draw_graph(cairo_t* cr) {
  cairo_save(cr);
  cairo_set_line_width(cr, 0.006);
  for (int i = -4; i <= 4; ++i) {
    cairo_move_to(cr, i * 0.225, -0.92);
    cairo_line_to(cr, i * 0.225, 0.92);
    cairo_move_to(cr, -0.92, i * 0.225);
    cairo_line_to(cr, 0.92, i * 0.225);
  }
  cairo_stroke(cr);
  cairo_restore(cr);
  cairo_move_to(cr, -0.96, 0.45);
  cairo_line_to(cr, 0.96, 0.45);
  cairo_move_to(cr, -0.675, -0.96);
  cairo_line_to(cr, -0.675, 0.96);
  cairo_stroke(cr);
  cairo_save(cr);
  cairo_set_line_width(cr, 0.045);
  for (int i = 0; i <= 96; ++i) {
    const double x = -0.92 + i * 1.84 / 96;
    cairo_line_to(cr, x, 0.05 - 0.62 * std::sin(x * 3.1 + 0.3));
  }
  cairo_stroke(cr);
  cairo_restore(cr);
}

// A honeycomb of rings, some of them with double bonds.
void draw_rings(cairo_t* cr) {
  const double side = 0.34;
  const double step_x = side * std::sqrt(3.0);
  const double centers[5][2] = {
      {0, 0}, {step_x, 0}, {step_x / 2, side * 1.5}, {-step_x / 2, side * 1.5}, {step_x / 2, -side * 1.5}};
  for (int ring = 0; ring < 5; ++ring) {
    for (int inner = 0; inner < (ring % 2 == 0 ? 2 : 1); ++inner) {
      const double radius = inner == 0 ? side : side * 0.78;
      for (int i = 0; i < 6; ++i) {
        const double angle = kPi / 6 + i * kPi / 3;
        const double x = centers[ring][0] - 0.2 + radius * std::cos(angle);
        const double y = centers[ring][1] + radius * std::sin(angle);
        if (inner == 1 && i % 2 == 0) {
          cairo_move_to(cr, x, y);
        } else {
          cairo_line_to(cr, x, y);
        }
      }
      if (inner == 0) cairo_close_path(cr);
      cairo_stroke(cr);
    }
  }
}

// A double helix.
void draw_helix(cairo_t* cr) {
  cairo_rotate(cr, 0.42);
  const auto x_at = [](double y, double phase) { return 0.36 * std::sin(y * 4.2 + phase); };
  cairo_save(cr);
  cairo_set_line_width(cr, 0.014);
  for (int i = 0; i < 22; ++i) {
    const double y = -1.08 + i * 2.16 / 21;
    cairo_move_to(cr, x_at(y, 0), y);
    cairo_line_to(cr, x_at(y, kPi), y);
  }
  cairo_stroke(cr);
  cairo_restore(cr);
  cairo_set_line_width(cr, 0.045);
  for (const double phase : {0.0, kPi}) {
    cairo_new_path(cr);
    for (int i = 0; i <= 90; ++i) {
      const double y = -1.12 + i * 2.24 / 90;
      cairo_line_to(cr, x_at(y, phase), y);
    }
    cairo_stroke(cr);
  }
}

// The front of a temple.
void draw_temple(cairo_t* cr) {
  cairo_move_to(cr, -0.92, -0.34);
  cairo_line_to(cr, 0, -0.82);
  cairo_line_to(cr, 0.92, -0.34);
  cairo_close_path(cr);
  cairo_stroke(cr);
  ellipse(cr, 0.09, 0.09, 0);
  cairo_save(cr);
  cairo_translate(cr, 0, -0.52);
  cairo_restore(cr);
  cairo_new_path(cr);
  cairo_rectangle(cr, -0.88, -0.28, 1.76, 0.1);
  cairo_rectangle(cr, -0.88, 0.62, 1.76, 0.1);
  cairo_rectangle(cr, -0.98, 0.76, 1.96, 0.12);
  cairo_stroke(cr);
  for (int i = 0; i < 5; ++i) {
    const double x = -0.78 + i * 0.345;
    for (int flute = 0; flute < 4; ++flute) {
      cairo_move_to(cr, x + flute * 0.06, -0.14);
      cairo_line_to(cr, x + flute * 0.06, 0.58);
    }
    cairo_stroke(cr);
  }
}

// An open book.
void draw_book(cairo_t* cr) {
  for (const double side : {-1.0, 1.0}) {
    cairo_move_to(cr, 0, -0.42);
    cairo_curve_to(cr, side * 0.28, -0.62, side * 0.62, -0.62, side * 0.94, -0.5);
    cairo_line_to(cr, side * 0.94, 0.5);
    cairo_curve_to(cr, side * 0.62, 0.38, side * 0.28, 0.38, 0, 0.58);
    cairo_stroke(cr);
    cairo_save(cr);
    cairo_set_line_width(cr, 0.014);
    for (int i = 0; i < 6; ++i) {
      const double y = -0.27 + i * 0.115;
      cairo_move_to(cr, side * 0.13, y);
      cairo_curve_to(cr, side * 0.33, y - 0.13, side * 0.58, y - 0.14, side * (i == 5 ? 0.5 : 0.8), y - 0.09);
    }
    cairo_stroke(cr);
    cairo_restore(cr);
  }
  cairo_move_to(cr, 0, -0.42);
  cairo_line_to(cr, 0, 0.58);
  cairo_stroke(cr);
}

// Rings around a lamp.
void draw_rays(cairo_t* cr) {
  for (int i = 1; i <= 4; ++i) {
    ellipse(cr, i * 0.235, i * 0.235, 0);
    cairo_stroke(cr);
    const double angle = 0.7 + i * 1.9;
    dot(cr, i * 0.235 * std::cos(angle), i * 0.235 * std::sin(angle), 0.05);
  }
  dot(cr, 0, 0, 0.08);
}

}  // namespace

void draw_motif(cairo_t* cr, Subject subject, const Rect& box, const Color& color) {
  cairo_save(cr);
  // A group, so that lines that cross do not show it.
  cairo_push_group(cr);
  cairo_translate(cr, box.x + box.width / 2, box.y + box.height / 2);
  cairo_scale(cr, box.width / 2, box.height / 2);
  cairo_set_source_rgb(cr, color.r, color.g, color.b);
  cairo_set_line_width(cr, 0.022);
  cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
  switch (subject) {
    case Subject::physics:
      draw_orbits(cr);
      break;
    case Subject::math:
      draw_graph(cr);
      break;
    case Subject::chemistry:
      draw_rings(cr);
      break;
    case Subject::biology:
      draw_helix(cr);
      break;
    case Subject::history:
      draw_temple(cr);
      break;
    case Subject::literature:
      draw_book(cr);
      break;
    case Subject::other:
      draw_rays(cr);
      break;
  }
  cairo_pop_group_to_source(cr);
  cairo_paint_with_alpha(cr, color.a);
  cairo_restore(cr);
}

}  // namespace vivid::render
