// Pages become pixels.
//
// Threads: free functions. Ownership: CairoSurface frees itself. Units: the surface is in output pixels, pages are in
// design pixels. The same page gives the same pixels.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

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

// The theme's backdrop over the whole surface.
void paint_backdrop(cairo_surface_t* surface, const Theme& theme);

// The page's elements that are shown at `step`, over what is there.
void paint_page(cairo_surface_t* surface, const TextEngine& engine, const Theme& theme, const Page& page, int step);

// Where in a page a surface lies, and how large it shows it.
struct Window {
  double scale = 1.0;  // output pixels for a design pixel
  double x_px = 0.0;   // of the page at that scale: what stands at the surface's top left corner
  double y_px = 0.0;
};
// Elements of the page, in this order. `drawn`: how much there is of what is drawn as if by hand, 0 … 1.
void paint_elements(cairo_surface_t* surface, const TextEngine& engine, const Theme& theme, const Page& page,
                    const std::vector<std::size_t>& elements, const Window& window, double drawn);
// Around all that an element draws, in design pixels; empty if it draws nothing.
Rect ink_of(const TextEngine& engine, const Theme& theme, const Element& element);

// How much closer than the frame needs a camera comes that moves: room to move in.
inline constexpr double kCameraRoom = 1.14;

// How a camera looks at a picture that fills the frame.
struct CameraPose {
  double zoom = 1.0;   // 1: the picture just covers the frame
  double shift = 0.5;  // 0 … 1, of what lies beyond the left and the right edge
};
// At `progress` of its way, 0 … 1. It moves at a constant speed.
CameraPose camera_pose(Motion motion, double progress);

// Frame = picture times scale, plus (x, y); in pixels of each.
struct CameraView {
  double scale = 1.0;
  double x = 0.0;
  double y = 0.0;
};
CameraView camera_view(const CameraPose& pose, double width, double height, double picture_width,
                       double picture_height);
// Covers the surface with the image, cutting off what does not fit.
void paint_image(cairo_surface_t* surface, cairo_surface_t* image, const CameraPose& pose);
// As it is, from the top left corner on; beyond its edges they are repeated.
void paint_unscaled(cairo_surface_t* surface, cairo_surface_t* image);
// The theme's background over the whole surface.
void paint_veil(cairo_surface_t* surface, const Theme& theme, double alpha);
// How opaque a veil must be for every text of the theme to be read over any picture.
double veil_alpha(const Theme& theme);

Status write_png(cairo_surface_t* surface, const std::filesystem::path& path);

}  // namespace vivid::render
