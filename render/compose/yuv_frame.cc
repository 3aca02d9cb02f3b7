#include "render/compose/yuv_frame.h"

#include <cstring>

#include "base/check.h"

namespace vivid::render {

YuvFrame::YuvFrame(int width_px, int height_px)
    : width_(width_px),
      height_(height_px),
      bytes_(static_cast<std::size_t>(width_px) * static_cast<std::size_t>(height_px) * 3 / 2) {}

std::size_t YuvFrame::offset(int plane) const {
  const std::size_t luma = static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_);
  if (plane == 0) return 0;
  return plane == 1 ? luma : luma + luma / 4;
}

YuvView YuvFrame::view() const {
  YuvView view;
  for (int i = 0; i < 3; ++i) {
    view.planes[i] = plane(i);
    view.strides_bytes[i] = stride(i);
  }
  view.width_px = width_;
  view.height_px = height_;
  return view;
}

void blend_fade(const YuvFrame& from, const YuvFrame& into, int weight_256, YuvFrame& to) {
  VIVID_CHECK(from.bytes().size() == into.bytes().size() && to.bytes().size() == into.bytes().size());
  const std::uint8_t* a = from.plane(0);
  const std::uint8_t* b = into.plane(0);
  std::uint8_t* out = to.plane(0);
  const std::size_t size = to.bytes().size();
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<std::uint8_t>((a[i] * (256 - weight_256) + b[i] * weight_256 + 128) >> 8);
  }
}

void blend_slide(const YuvFrame& from, const YuvFrame& into, int shift_px, bool from_left, YuvFrame& to) {
  VIVID_CHECK(shift_px % 2 == 0 && shift_px >= 0 && shift_px <= to.width());
  for (int plane = 0; plane < 3; ++plane) {
    const auto width = static_cast<std::size_t>(to.plane_width(plane));
    const auto entered = static_cast<std::size_t>(plane == 0 ? shift_px : shift_px / 2);
    for (int y = 0; y < to.plane_height(plane); ++y) {
      const std::size_t row = static_cast<std::size_t>(y) * width;
      std::uint8_t* out = to.plane(plane) + row;
      const std::uint8_t* old_row = from.plane(plane) + row;
      const std::uint8_t* new_row = into.plane(plane) + row;
      if (from_left) {
        std::memcpy(out, new_row + (width - entered), entered);
        std::memcpy(out + entered, old_row, width - entered);
      } else {
        std::memcpy(out, old_row + entered, width - entered);
        std::memcpy(out + (width - entered), new_row, entered);
      }
    }
  }
}

}  // namespace vivid::render
