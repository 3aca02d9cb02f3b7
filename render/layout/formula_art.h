// Formulas drawn by librsvg, on their own and in lines of text laid out by Pango.
//
// Threads: as the context and the layout they are given. Errors: none: a drawing is looked at once, by can_be_drawn().
// Units: design pixels.
#pragma once

#include "render/equations/formula.h"
#include "render/layout/color.h"
#include "render/layout/formula_table.h"

typedef struct _cairo cairo_t;
typedef struct _PangoContext PangoContext;
typedef struct _PangoLayout PangoLayout;

namespace vivid::render {

// Of the letters of text beside it: the mathematical font is smaller at the same size.
inline constexpr double kFormulaScale = 1.12;

bool can_be_drawn(const Drawing& drawing) noexcept;

// From `x` on, standing on `baseline`.
void draw_formula(cairo_t* cairo, const Drawing& drawing, double x, double baseline, double em_px, const Color& color);

// Layouts of the context draw their formulas, in the colour of their text.
void draw_formulas_in(PangoContext* context);
// Gives the formulas in the layout's text their room: as its letters are large, or as much as a line holds.
void make_room_for_formulas(PangoLayout* layout, const FormulaTable& table, double size_px, double width);

}  // namespace vivid::render
