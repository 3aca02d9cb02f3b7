// The drawing that stands for a subject, in lines of one colour.
//
// Threads: free functions. Units: the square it fills, in the units of the cairo context.
#pragma once

#include "render/layout/page.h"

typedef struct _cairo cairo_t;

namespace vivid::render {

void draw_motif(cairo_t* cairo, Subject subject, const Rect& box, const Color& color);

}  // namespace vivid::render
