// Pictures to compare: read, written, and how much alike they look.
//
// Threads: values and free functions. Units: 8-bit RGB, row by row.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vivid::render::testing {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::array<std::uint8_t, 3>> pixels;

  const std::array<std::uint8_t, 3>& at(int x, int y) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

std::optional<Image> read_png(const std::filesystem::path& path);
void write_png(const Image& image, const std::filesystem::path& path);

// How alike two pictures of one size look, as a whole and in the part where they do least.
struct Likeness {
  double whole = 0.0;  // mean SSIM of luma, 1: the same
  double worst = 0.0;  // the least mean of a tile, of which there are ten by ten
  double color = 0.0;  // the largest mean difference of a tile in one of its colours, 0 … 255
  std::string describe() const;
};
Likeness compare(const Image& one, const Image& other);

// Grey where they are the same, red where they differ.
Image difference(const Image& one, const Image& other);

}  // namespace vivid::render::testing
