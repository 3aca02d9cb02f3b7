#include <cairo.h>
#include <gtest/gtest.h>

#include "render/compose/kernels.h"
#include "render/compose/pixels.h"
#include "render/layout/painter.h"

namespace vivid::render {
namespace {

constexpr int kSide = 16;

// Transparent but for one column or row of pixels.
SurfacePtr with_line(bool column, int at, std::uint32_t argb) {
  SurfacePtr surface = std::move(*make_surface(kSide, kSide));
  for (int i = 0; i < kSide; ++i) {
    const int x = column ? at : i;
    const int y = column ? i : at;
    std::uint8_t* row = cairo_image_surface_get_data(surface.get()) + y * cairo_image_surface_get_stride(surface.get());
    reinterpret_cast<std::uint32_t*>(row)[x] = argb;
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

// Which part of a chroma sample a line of pixels makes, in eighths.
int eighths(const LayerPixels& layer, int x, int y) {
  return (layer.alpha_row(1, y)[x] * 8 + 16'383) / kernels::kWhole;
}

TEST(Convert, SitesChromaOnTheLeftBetweenTwoRows) {
  // Column 6 is where chroma sample 3 stands; its neighbours are a quarter of it, and 7 one of the next as well.
  const LayerPixels on = to_layer(with_line(true, 6, 0xffffffff).get());
  EXPECT_EQ(eighths(on, 3, 2), 4);
  EXPECT_EQ(eighths(on, 2, 2), 0);
  const LayerPixels beside = to_layer(with_line(true, 7, 0xffffffff).get());
  EXPECT_EQ(eighths(beside, 3, 2), 2);
  EXPECT_EQ(eighths(beside, 4, 2), 2);
  for (const int row : {6, 7}) {
    const LayerPixels line = to_layer(with_line(false, row, 0xffffffff).get());
    EXPECT_EQ(eighths(line, 3, 3), 4);
    EXPECT_EQ(eighths(line, 3, 2), 0);
  }
}

TEST(Convert, PutsATransparentLayerOverAFrame) {
  YuvFrame frame(kSide, kSide);
  for (int plane = 0; plane < 3; ++plane) {
    for (int y = 0; y < frame.plane_height(plane); ++y) {
      for (int x = 0; x < frame.plane_width(plane); ++x) frame.row(plane, y)[x] = plane == 0 ? 100 : 128;
    }
  }
  // Half of white: 219/2 + 16 · 1/2 of it over 100.
  put_layer(to_layer(with_line(true, 4, 0x80808080).get()), 0, 0, kernels::kWhole, frame.bounds(), frame);
  EXPECT_NEAR(frame.row(0, 3)[4], 168, 1);
  EXPECT_EQ(frame.row(0, 3)[5], 100);
  EXPECT_EQ(frame.row(1, 3)[2], 128);
  // Beyond the rectangle nothing is touched, and half a layer is half as much.
  const YuvFrame before = frame;
  put_layer(to_layer(with_line(true, 10, 0xff000000).get()), 0, 0, kernels::kWhole / 2, {0, 0, kSide, 8}, frame);
  EXPECT_NEAR(frame.row(0, 7)[10], 58, 1);
  EXPECT_EQ(frame.row(0, 8)[10], before.row(0, 8)[10]);
}

}  // namespace
}  // namespace vivid::render
