#include "golden_image.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <sstream>

namespace vivid::render::testing {
namespace {

struct Destroy {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, Destroy>;

constexpr int kTiles = 10;
constexpr int kWindow = 8;
constexpr int kStride = 4;

double luma(const std::array<std::uint8_t, 3>& pixel) {
  return 0.2126 * pixel[0] + 0.7152 * pixel[1] + 0.0722 * pixel[2];
}

// Structural similarity of one window (Wang et al., 2004), with its usual constants.
double similarity(const Image& one, const Image& other, int left, int top) {
  constexpr double kC1 = 0.01 * 255 * 0.01 * 255;
  constexpr double kC2 = 0.03 * 255 * 0.03 * 255;
  constexpr double kCount = kWindow * kWindow;
  double a = 0.0, b = 0.0, aa = 0.0, bb = 0.0, ab = 0.0;
  for (int y = top; y < top + kWindow; ++y) {
    for (int x = left; x < left + kWindow; ++x) {
      const double p = luma(one.at(x, y));
      const double q = luma(other.at(x, y));
      a += p;
      b += q;
      aa += p * p;
      bb += q * q;
      ab += p * q;
    }
  }
  const double mean_a = a / kCount;
  const double mean_b = b / kCount;
  const double var_a = aa / kCount - mean_a * mean_a;
  const double var_b = bb / kCount - mean_b * mean_b;
  const double both = ab / kCount - mean_a * mean_b;
  return (2 * mean_a * mean_b + kC1) * (2 * both + kC2) /
         ((mean_a * mean_a + mean_b * mean_b + kC1) * (var_a + var_b + kC2));
}

struct Tile {
  double similarity = 0.0;
  int windows = 0;
  std::array<double, 3> colors{};
  int pixels = 0;
};

std::size_t tile_of(const Image& image, int x, int y) {
  const int column = std::min(x * kTiles / image.width, kTiles - 1);
  const int row = std::min(y * kTiles / image.height, kTiles - 1);
  return static_cast<std::size_t>(row * kTiles + column);
}

}  // namespace

std::optional<Image> read_png(const std::filesystem::path& path) {
  const Surface surface(cairo_image_surface_create_from_png(path.c_str()));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) return std::nullopt;
  Image image{cairo_image_surface_get_width(surface.get()), cairo_image_surface_get_height(surface.get()), {}};
  const unsigned char* data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const unsigned char* pixel = data + static_cast<std::ptrdiff_t>(y) * stride + static_cast<std::ptrdiff_t>(x) * 4;
      image.pixels.push_back({pixel[2], pixel[1], pixel[0]});
    }
  }
  return image;
}

void write_png(const Image& image, const std::filesystem::path& path) {
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
  unsigned char* data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      unsigned char* pixel = data + static_cast<std::ptrdiff_t>(y) * stride + static_cast<std::ptrdiff_t>(x) * 4;
      const auto& color = image.at(x, y);
      pixel[0] = color[2];
      pixel[1] = color[1];
      pixel[2] = color[0];
    }
  }
  cairo_surface_mark_dirty(surface.get());
  std::filesystem::create_directories(path.parent_path());
  cairo_surface_write_to_png(surface.get(), path.c_str());
}

std::string Likeness::describe() const {
  std::ostringstream text;
  text << "SSIM " << whole << " as a whole, " << worst << " in the worst tile; colours differ by " << color
       << " at most";
  return std::move(text).str();
}

Likeness compare(const Image& one, const Image& other) {
  std::vector<Tile> tiles(static_cast<std::size_t>(kTiles) * kTiles);
  double sum = 0.0;
  int windows = 0;
  for (int y = 0; y + kWindow <= one.height; y += kStride) {
    for (int x = 0; x + kWindow <= one.width; x += kStride) {
      const double alike = similarity(one, other, x, y);
      Tile& tile = tiles[tile_of(one, x + kWindow / 2, y + kWindow / 2)];
      tile.similarity += alike;
      ++tile.windows;
      sum += alike;
      ++windows;
    }
  }
  for (int y = 0; y < one.height; ++y) {
    for (int x = 0; x < one.width; ++x) {
      Tile& tile = tiles[tile_of(one, x, y)];
      ++tile.pixels;
      for (std::size_t c = 0; c < 3; ++c) tile.colors[c] += std::abs(one.at(x, y)[c] - other.at(x, y)[c]);
    }
  }
  Likeness likeness{sum / windows, 1.0, 0.0};
  for (const Tile& tile : tiles) {
    if (tile.windows > 0) likeness.worst = std::min(likeness.worst, tile.similarity / tile.windows);
    for (const double color : tile.colors) likeness.color = std::max(likeness.color, color / std::max(1, tile.pixels));
  }
  return likeness;
}

Image difference(const Image& one, const Image& other) {
  Image result{one.width, one.height, {}};
  for (int y = 0; y < one.height; ++y) {
    for (int x = 0; x < one.width; ++x) {
      int most = 0;
      for (std::size_t c = 0; c < 3; ++c) most = std::max(most, std::abs(one.at(x, y)[c] - other.at(x, y)[c]));
      const auto grey = static_cast<std::uint8_t>(luma(one.at(x, y)) / 3);
      const auto red = static_cast<std::uint8_t>(std::min(255, grey + 4 * most));
      result.pixels.push_back({red, grey, grey});
    }
  }
  return result;
}

}  // namespace vivid::render::testing
