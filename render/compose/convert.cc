// ARGB to BT.709 in limited range: Y = 16 + 219 (0.2126 R + 0.7152 G + 0.0722 B), Cb = 128 + 224 (B - Y) / 1.8556,
// Cr = 128 + 224 (R - Y) / 1.5748, each times alpha.
#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "render/compose/kernels.h"
#include "render/compose/pixels.h"

namespace vivid::render {
namespace {

constexpr int kShift = 14;
constexpr double kRed = 0.2126;
constexpr double kGreen = 0.7152;
constexpr double kBlue = 0.0722;

// What each component of a premultiplied pixel adds to a sample, in the layers' fineness.
struct Weights {
  std::int32_t b, g, r, a;

  // `parts`: how many pixels are added up in what is weighed.
  static Weights of(double b, double g, double r, double base, int parts) {
    const double unit = static_cast<double>(1 << (kShift + kernels::kColorBits)) / (255.0 * parts);
    const auto fixed = [unit](double share) { return static_cast<std::int32_t>(std::lround(share * unit)); };
    return {fixed(b), fixed(g), fixed(r), fixed(base)};
  }
  std::int16_t sample(int blue, int green, int red, int alpha) const {
    const std::int32_t sum = b * blue + g * green + r * red + a * alpha + (1 << (kShift - 1));
    return static_cast<std::int16_t>(std::clamp(sum >> kShift, 0, kernels::kWhole));
  }
};

constexpr int kChromaParts = 8;  // 1 2 1 along the row, on two rows

const Weights& luma() {
  static const Weights weights = Weights::of(219 * kBlue, 219 * kGreen, 219 * kRed, 16, 1);
  return weights;
}

const Weights& blueness() {
  constexpr double kUnit = 224.0 / 1.8556;
  static const Weights weights = Weights::of(kUnit * (1.0 - kBlue), -kUnit * kGreen, -kUnit * kRed, 128, kChromaParts);
  return weights;
}

const Weights& redness() {
  constexpr double kUnit = 224.0 / 1.5748;
  static const Weights weights = Weights::of(-kUnit * kBlue, -kUnit * kGreen, kUnit * (1.0 - kRed), 128, kChromaParts);
  return weights;
}

std::int16_t share(int alpha, int parts) {
  const int whole = 255 * parts;
  return static_cast<std::int16_t>((alpha * kernels::kWhole + whole / 2) / whole);
}

// One row of luma, or of chroma out of two rows.
class Row {
 public:
  explicit Row(cairo_surface_t* surface)
      : data_(cairo_image_surface_get_data(surface)),
        stride_(cairo_image_surface_get_stride(surface)),
        width_(cairo_image_surface_get_width(surface)) {}

  void luma_of(int y, std::int16_t* to, std::int16_t* alpha) const {
    const std::uint8_t* pixel = at(y);
    const Weights weights = luma();
    for (int x = 0; x < width_; ++x, pixel += 4) {
      to[x] = weights.sample(pixel[0], pixel[1], pixel[2], pixel[3]);
      alpha[x] = share(pixel[3], 1);
    }
  }

  void chroma_of(int y, std::int16_t* cb, std::int16_t* cr, std::int16_t* alpha) const {
    const std::uint8_t* above = at(2 * y);
    const std::uint8_t* below = at(2 * y + 1);
    const Weights blue = blueness();
    const Weights red = redness();
    for (int x = 0; x < width_ / 2; ++x) {
      // A chroma sample stands where an even luma sample does; the picture's edge is repeated.
      const int middle = 8 * x;
      const int left = std::max(middle - 4, 0);
      const int right = middle + 4;
      int sum[4];
      for (int i = 0; i < 4; ++i) {
        sum[i] = above[left + i] + 2 * above[middle + i] + above[right + i] + below[left + i] + 2 * below[middle + i] +
                 below[right + i];
      }
      cb[x] = blue.sample(sum[0], sum[1], sum[2], sum[3]);
      cr[x] = red.sample(sum[0], sum[1], sum[2], sum[3]);
      alpha[x] = share(sum[3], kChromaParts);
    }
  }

 private:
  const std::uint8_t* at(int y) const { return data_ + static_cast<std::ptrdiff_t>(y) * stride_; }

  const std::uint8_t* data_;
  int stride_;
  int width_;
};

void check_sides(cairo_surface_t* surface) {
  cairo_surface_flush(surface);
  VIVID_CHECK(cairo_image_surface_get_format(surface) == CAIRO_FORMAT_ARGB32);
  VIVID_CHECK(cairo_image_surface_get_width(surface) % 2 == 0 && cairo_image_surface_get_height(surface) % 2 == 0);
}

void round_row(const std::vector<std::int16_t>& row, std::uint8_t* to, int count) {
  for (int x = 0; x < count; ++x) {
    const int sample = row[static_cast<std::size_t>(x)] + (1 << (kernels::kColorBits - 1));
    to[x] = static_cast<std::uint8_t>(sample >> kernels::kColorBits);
  }
}

}  // namespace

LayerPixels to_layer(cairo_surface_t* surface) {
  check_sides(surface);
  LayerPixels layer;
  layer.width = cairo_image_surface_get_width(surface);
  layer.height = cairo_image_surface_get_height(surface);
  const std::size_t size = static_cast<std::size_t>(layer.width) * static_cast<std::size_t>(layer.height);
  layer.colors[0].resize(size);
  layer.alphas[0].resize(size);
  layer.colors[1].resize(size / 4);
  layer.colors[2].resize(size / 4);
  layer.alphas[1].resize(size / 4);
  const Row row(surface);
  for (int y = 0; y < layer.height; ++y) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(y) * layer.width;
    row.luma_of(y, layer.colors[0].data() + at, layer.alphas[0].data() + at);
  }
  for (int y = 0; y < layer.height / 2; ++y) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(y) * (layer.width / 2);
    row.chroma_of(y, layer.colors[1].data() + at, layer.colors[2].data() + at, layer.alphas[1].data() + at);
  }
  return layer;
}

YuvFrame to_frame(cairo_surface_t* surface) {
  check_sides(surface);
  YuvFrame frame(cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface));
  const auto width = static_cast<std::size_t>(frame.width());
  std::vector<std::int16_t> one(width);
  std::vector<std::int16_t> other(width);
  std::vector<std::int16_t> alpha(width);
  const Row row(surface);
  for (int y = 0; y < frame.height(); ++y) {
    row.luma_of(y, one.data(), alpha.data());
    round_row(one, frame.row(0, y), frame.width());
  }
  for (int y = 0; y < frame.height() / 2; ++y) {
    row.chroma_of(y, one.data(), other.data(), alpha.data());
    round_row(one, frame.row(1, y), frame.width() / 2);
    round_row(other, frame.row(2, y), frame.width() / 2);
  }
  return frame;
}

}  // namespace vivid::render
