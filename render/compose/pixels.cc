#include "render/compose/pixels.h"

#include <cstring>

#include "base/check.h"
#include "render/compose/kernels.h"

namespace vivid::render {

YuvFrame::YuvFrame(int width_px, int height_px)
    : width_(width_px),
      height_(height_px),
      bytes_(static_cast<std::size_t>(width_px) * static_cast<std::size_t>(height_px) * 3 / 2) {}

std::size_t YuvFrame::offset(int plane, int y) const {
  const std::size_t luma = static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_);
  const std::size_t row = static_cast<std::size_t>(y) * static_cast<std::size_t>(plane_width(plane));
  if (plane == 0) return row;
  return (plane == 1 ? luma : luma + luma / 4) + row;
}

YuvView YuvFrame::view() const {
  YuvView view;
  for (int plane = 0; plane < 3; ++plane) {
    view.planes[plane] = row(plane, 0);
    view.strides_bytes[plane] = plane_width(plane);
  }
  view.width_px = width_;
  view.height_px = height_;
  return view;
}

void copy_rect(const YuvFrame& from, const PixelRect& rect, YuvFrame& to) {
  VIVID_CHECK(from.width() == to.width() && from.height() == to.height());
  for (int plane = 0; plane < 3; ++plane) {
    const PlaneRect part = plane_rect(rect, plane);
    for (int y = part.y; y < part.y + part.height; ++y) {
      std::memcpy(to.row(plane, y) + part.x, from.row(plane, y) + part.x, static_cast<std::size_t>(part.width));
    }
  }
}

void put_layer(const LayerPixels& layer, int x, int y, int opacity, const PixelRect& rect, YuvFrame& to) {
  const PixelRect shown = intersection(intersection({x, y, layer.width, layer.height}, rect), to.bounds());
  if (shown.empty()) return;
  for (int plane = 0; plane < 3; ++plane) {
    const PlaneRect part = plane_rect(shown, plane);
    const PlaneRect origin = plane_rect({x, y, 0, 0}, plane);
    for (int row = part.y; row < part.y + part.height; ++row) {
      kernels::over(layer.color_row(plane, row - origin.y) + (part.x - origin.x),
                    layer.alpha_row(plane, row - origin.y) + (part.x - origin.x), opacity, to.row(plane, row) + part.x,
                    static_cast<std::size_t>(part.width));
    }
  }
}

}  // namespace vivid::render
