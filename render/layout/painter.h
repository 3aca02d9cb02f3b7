// Pages become pixels.
//
// Threads: free functions. Ownership: CairoSurface frees itself. Units: the surface is in output pixels, pages are in
// design pixels. The same page gives the same pixels.
#pragma once

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "render/layout/page.h"
#include "render/layout/text_engine.h"
#include "render/layout/theme.h"

typedef struct _cairo_surface cairo_surface_t;

namespace vivid::render {

struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const noexcept;
};
using SurfacePtr = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;

// Premultiplied ARGB, transparent.
Result<SurfacePtr> make_surface(int width_px, int height_px);
void clear_surface(cairo_surface_t* surface);

// The theme's backdrop over the whole surface.
void paint_backdrop(cairo_surface_t* surface, const Theme& theme);

// The page's elements that are shown at `step`, over what is there.
void paint_page(cairo_surface_t* surface, const TextEngine& engine, const Theme& theme, const Page& page, int step);

// Where and how large an image stands while the camera moves over it: progress 0 … 1.
struct Camera {
  Motion motion = Motion::none;
  double progress = 0.0;
};
// Covers the surface with the image, cutting off what does not fit.
void paint_image(cairo_surface_t* surface, cairo_surface_t* image, const Camera& camera);
// The theme's background over the whole surface.
void paint_veil(cairo_surface_t* surface, const Theme& theme, double alpha);
// How opaque a veil must be for every text of the theme to be read over any picture.
double veil_alpha(const Theme& theme);
// `overlay`, of the same size, over what is there.
void paint_over(cairo_surface_t* surface, cairo_surface_t* overlay);

Status write_png(cairo_surface_t* surface, const std::filesystem::path& path);

}  // namespace vivid::render
