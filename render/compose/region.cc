#include "render/compose/region.h"

#include <algorithm>

namespace vivid::render {
namespace {

constexpr std::size_t kMostRects = 64;

PixelRect between(int left, int top, int right, int bottom) { return {left, top, right - left, bottom - top}; }

// What of `rect` lies outside of `hole`: above it, below it, left and right of it.
void subtract(const PixelRect& rect, const PixelRect& hole, std::vector<PixelRect>& rest) {
  const PixelRect common = intersection(rect, hole);
  if (common.empty()) {
    rest.push_back(rect);
    return;
  }
  const PixelRect parts[] = {between(rect.x, rect.y, rect.right(), common.y),
                             between(rect.x, common.bottom(), rect.right(), rect.bottom()),
                             between(rect.x, common.y, common.x, common.bottom()),
                             between(common.right(), common.y, rect.right(), common.bottom())};
  for (const PixelRect& part : parts) {
    if (!part.empty()) rest.push_back(part);
  }
}

}  // namespace

PixelRect intersection(const PixelRect& a, const PixelRect& b) {
  return between(std::max(a.x, b.x), std::max(a.y, b.y), std::min(a.right(), b.right()),
                 std::min(a.bottom(), b.bottom()));
}

PixelRect bounding(const PixelRect& a, const PixelRect& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return between(std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.right(), b.right()),
                 std::max(a.bottom(), b.bottom()));
}

void Region::add(const PixelRect& rect) {
  if (rect.empty()) return;
  std::vector<PixelRect> fresh{rect};
  for (const PixelRect& known : rects_) {
    std::vector<PixelRect> rest;
    for (const PixelRect& part : fresh) subtract(part, known, rest);
    fresh = std::move(rest);
  }
  rects_.insert(rects_.end(), fresh.begin(), fresh.end());
  if (rects_.size() <= kMostRects) return;
  PixelRect all;
  for (const PixelRect& part : rects_) all = bounding(all, part);
  rects_ = {all};
}

void Region::add(const Region& other) {
  for (const PixelRect& rect : other.rects_) add(rect);
}

Region Region::clipped(const PixelRect& to) const {
  Region result;
  for (const PixelRect& rect : rects_) {
    const PixelRect part = intersection(rect, to);
    if (!part.empty()) result.rects_.push_back(part);
  }
  return result;
}

std::int64_t Region::area() const {
  std::int64_t area = 0;
  for (const PixelRect& rect : rects_) area += rect.area();
  return area;
}

}  // namespace vivid::render
