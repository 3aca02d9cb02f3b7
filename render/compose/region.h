// Parts of a picture: rectangles of whole pixels, and sets of them.
//
// Threads: values. Units: output pixels, origin top left; every side of a rectangle is even, so that each covers whole
// chroma samples of 4:2:0.
#pragma once

#include <cstdint>
#include <vector>

namespace vivid::render {

struct PixelRect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  int right() const { return x + width; }
  int bottom() const { return y + height; }
  bool empty() const { return width <= 0 || height <= 0; }
  std::int64_t area() const { return empty() ? 0 : static_cast<std::int64_t>(width) * height; }
  bool operator==(const PixelRect&) const = default;
};

PixelRect intersection(const PixelRect& a, const PixelRect& b);
// The smallest rectangle around both; an empty one takes no room.
PixelRect bounding(const PixelRect& a, const PixelRect& b);

// A set of pixels as rectangles that do not overlap: each pixel is worked on once.
class Region {
 public:
  Region() = default;
  explicit Region(const PixelRect& rect) { add(rect); }

  // Beyond a bound on how many rectangles there are, the region becomes the one around all of them.
  void add(const PixelRect& rect);
  void add(const Region& other);
  Region clipped(const PixelRect& to) const;

  const std::vector<PixelRect>& rects() const { return rects_; }
  bool empty() const { return rects_.empty(); }
  std::int64_t area() const;

 private:
  std::vector<PixelRect> rects_;
};

}  // namespace vivid::render
