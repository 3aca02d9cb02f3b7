// Pictures in planes: opaque ones, layers that let through what is below them, and both of them out of ARGB.
//
// Threads: values and free functions. Units: 4:2:0, BT.709, limited range; chroma sited left. A YuvFrame has samples of
// 8 bits; a LayerPixels is premultiplied and finer (see kernels.h), so that blending rounds only once.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "render/compose/composer.h"
#include "render/compose/region.h"

typedef struct _cairo_surface cairo_surface_t;

namespace vivid::render {

class YuvFrame {
 public:
  YuvFrame() = default;
  YuvFrame(int width_px, int height_px);

  int width() const { return width_; }
  int height() const { return height_; }
  PixelRect bounds() const { return {0, 0, width_, height_}; }
  // Width or height of a plane; 0 is luma.
  int plane_width(int plane) const { return plane == 0 ? width_ : width_ / 2; }
  int plane_height(int plane) const { return plane == 0 ? height_ : height_ / 2; }
  std::uint8_t* row(int plane, int y) { return bytes_.data() + offset(plane, y); }
  const std::uint8_t* row(int plane, int y) const { return bytes_.data() + offset(plane, y); }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  YuvView view() const;

 private:
  std::size_t offset(int plane, int y) const;

  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> bytes_;
};

// A part of a rectangle of a plane: chroma has half as many samples each way.
struct PlaneRect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};
inline PlaneRect plane_rect(const PixelRect& rect, int plane) {
  if (plane == 0) return {rect.x, rect.y, rect.width, rect.height};
  return {rect.x / 2, rect.y / 2, rect.width / 2, rect.height / 2};
}

void copy_rect(const YuvFrame& from, const PixelRect& rect, YuvFrame& to);

struct LayerPixels {
  int width = 0;  // even, as the height
  int height = 0;
  std::array<std::vector<std::int16_t>, 3> colors;
  std::array<std::vector<std::int16_t>, 2> alphas;  // of luma, of chroma

  const std::int16_t* color_row(int plane, int y) const {
    return colors[static_cast<std::size_t>(plane)].data() + at(plane, y);
  }
  const std::int16_t* alpha_row(int plane, int y) const { return alphas[plane == 0 ? 0 : 1].data() + at(plane, y); }

 private:
  std::ptrdiff_t at(int plane, int y) const {
    return static_cast<std::ptrdiff_t>(y) * (plane == 0 ? width : width / 2);
  }
};

// Premultiplied ARGB of even sides.
LayerPixels to_layer(cairo_surface_t* surface);
// The surface is opaque.
YuvFrame to_frame(cairo_surface_t* surface);

// The part of `layer`, whose top left corner stands at (x, y), that lies in `rect`, over what is there.
void put_layer(const LayerPixels& layer, int x, int y, int opacity, const PixelRect& rect, YuvFrame& to);

}  // namespace vivid::render
