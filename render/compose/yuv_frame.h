// A picture in planes, its conversion from ARGB, and the blends between two of them.
//
// Threads: values; a YuvConverter belongs to one thread. Units: 4:2:0, 8 bit, BT.709, limited range; chroma sited left.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "render/compose/composer.h"

typedef struct _cairo_surface cairo_surface_t;

namespace vivid::render {

class YuvFrame {
 public:
  YuvFrame() = default;
  YuvFrame(int width_px, int height_px);

  int width() const { return width_; }
  int height() const { return height_; }
  // Width or height of a plane; 0 is luma.
  int plane_width(int plane) const { return plane == 0 ? width_ : width_ / 2; }
  int plane_height(int plane) const { return plane == 0 ? height_ : height_ / 2; }
  int stride(int plane) const { return plane_width(plane); }
  std::uint8_t* plane(int plane) { return bytes_.data() + offset(plane); }
  const std::uint8_t* plane(int plane) const { return bytes_.data() + offset(plane); }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  YuvView view() const;

 private:
  std::size_t offset(int plane) const;

  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> bytes_;
};

// to = from at 0, = into at 256. All three of one size.
void blend_fade(const YuvFrame& from, const YuvFrame& into, int weight_256, YuvFrame& to);
// `into` pushes `from` out: the first `shift_px` columns (even) of `into` have come in, from the right edge or, if
// `from_left`, from the left one.
void blend_slide(const YuvFrame& from, const YuvFrame& into, int shift_px, bool from_left, YuvFrame& to);

class YuvConverter {
 public:
  static Result<std::unique_ptr<YuvConverter>> create(int width_px, int height_px);
  virtual ~YuvConverter() = default;
  // The surface is taken as opaque.
  virtual Status convert(cairo_surface_t* surface, YuvFrame& to) = 0;
};

}  // namespace vivid::render
