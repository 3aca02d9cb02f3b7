#include "landscape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <string>

#include "settings.h"

namespace vivid::bench {
namespace {

constexpr int kRidges = 4;
constexpr double kGrain = 0.012;

using Rgb = std::array<double, 3>;

Rgb mix(const Rgb& a, const Rgb& b, double t) {
  Rgb out{};
  for (std::size_t i = 0; i < 3; ++i) out[i] = a[i] + (b[i] - a[i]) * t;
  return out;
}

// 0 … 1, evenly.
double random_at(std::uint32_t seed, std::int64_t x, std::int64_t y) {
  auto h =
      static_cast<std::uint32_t>(x) * 0x9e3779b1U ^ static_cast<std::uint32_t>(y) * 0x85ebca77U ^ seed * 0xc2b2ae3dU;
  h = (h ^ (h >> 15)) * 0x2c1b3c6dU;
  h = (h ^ (h >> 12)) * 0x297a2d39U;
  return static_cast<double>(h ^ (h >> 15)) / 4294967295.0;
}

// Smooth noise with one bump or hollow for each unit.
double smooth_noise(std::uint32_t seed, double x, double y) {
  const double fx = std::floor(x);
  const double fy = std::floor(y);
  const auto ix = static_cast<std::int64_t>(fx);
  const auto iy = static_cast<std::int64_t>(fy);
  const auto curve = [](double t) { return t * t * (3.0 - 2.0 * t); };
  const double tx = curve(x - fx);
  const double top = std::lerp(random_at(seed, ix, iy), random_at(seed, ix + 1, iy), tx);
  const double bottom = std::lerp(random_at(seed, ix, iy + 1), random_at(seed, ix + 1, iy + 1), tx);
  return std::lerp(top, bottom, curve(y - fy));
}

// Octaves, each twice as fine as the one before and `gain` times as strong: about 0 … 1.
double octaves(std::uint32_t seed, double x, double y, int count, double gain) {
  double sum = 0.0;
  double whole = 0.0;
  double strength = 1.0;
  for (int i = 0; i < count; ++i) {
    sum += strength * smooth_noise(seed + static_cast<std::uint32_t>(i), x, y);
    whole += strength;
    strength *= gain;
    x *= 2.0;
    y *= 2.0;
  }
  return sum / whole;
}

struct Palette {
  Rgb zenith;
  Rgb horizon;
  Rgb far;
  Rgb near;
};
constexpr std::array<Palette, 6> kPalettes{{
    {{0.16, 0.36, 0.66}, {0.78, 0.86, 0.92}, {0.52, 0.62, 0.72}, {0.20, 0.29, 0.12}},
    {{0.22, 0.16, 0.38}, {0.96, 0.62, 0.36}, {0.56, 0.38, 0.44}, {0.17, 0.12, 0.13}},
    {{0.42, 0.56, 0.64}, {0.86, 0.87, 0.82}, {0.62, 0.68, 0.68}, {0.38, 0.36, 0.30}},
    {{0.10, 0.42, 0.56}, {0.88, 0.92, 0.80}, {0.36, 0.56, 0.52}, {0.46, 0.40, 0.16}},
    {{0.30, 0.34, 0.42}, {0.72, 0.72, 0.74}, {0.48, 0.50, 0.55}, {0.13, 0.20, 0.18}},
    {{0.08, 0.12, 0.28}, {0.70, 0.46, 0.56}, {0.32, 0.28, 0.44}, {0.28, 0.18, 0.10}},
}};

class Landscape {
 public:
  explicit Landscape(std::uint32_t number) : seed_(1'000 * number), palette_(kPalettes[number % kPalettes.size()]) {}

  // Both 0 … 1 over the height of the picture.
  Rgb at(double x, double y) const {
    Rgb color = sky(x, y);
    for (int i = 0; i < kRidges; ++i) {
      const double depth = static_cast<double>(i + 1) / kRidges;  // 1: the nearest
      const std::uint32_t seed = seed_ + 100U * static_cast<std::uint32_t>(i + 1);
      const double top = 0.38 + 0.42 * depth - 0.26 * octaves(seed, x * (2.0 + 2.0 * depth), 0.5, 9, 0.5);
      if (y >= top) color = ground(seed, depth, x, y, y - top);
    }
    return color;
  }

 private:
  Rgb sky(double x, double y) const {
    const Rgb clear = mix(palette_.zenith, palette_.horizon, std::pow(std::min(1.0, y * 1.6), 0.8));
    const double cloud = octaves(seed_, x * 3.0, y * 7.0, 8, 0.55);
    return mix(clear, {0.96, 0.95, 0.94}, std::clamp((cloud - 0.5) * 3.2, 0.0, 0.85));
  }

  Rgb ground(std::uint32_t seed, double depth, double x, double y, double below) const {
    const Rgb base = mix(palette_.far, palette_.near, depth);
    // Rough when near, hazy when far, darker away from the crest.
    const double rough = octaves(seed + 50U, x * 24.0, y * 36.0, 7, 0.72) - 0.5;
    const double light = 1.0 + 2.2 * depth * rough - 0.5 * depth * std::min(below * 3.0, 0.6);
    Rgb color{};
    for (std::size_t i = 0; i < 3; ++i) color[i] = base[i] * light;
    return color;
  }

  std::uint32_t seed_;
  Palette palette_;
};

}  // namespace

void write_landscape(std::uint32_t number, const std::filesystem::path& path) {
  const Landscape landscape(number);
  std::ofstream file(path, std::ios::binary);
  file << "P6\n" << kLandscapeWidth << " " << kLandscapeHeight << "\n255\n";
  std::string row(std::size_t{3} * kLandscapeWidth, '\0');
  for (int y = 0; y < kLandscapeHeight; ++y) {
    for (int x = 0; x < kLandscapeWidth; ++x) {
      const Rgb color =
          landscape.at(static_cast<double>(x) / kLandscapeHeight, static_cast<double>(y) / kLandscapeHeight);
      const double grain = kGrain * (random_at(number, x, y) + random_at(number + 77U, x, y) - 1.0);
      for (std::size_t i = 0; i < 3; ++i) {
        const double value = std::clamp(color[i] + grain, 0.0, 1.0);
        row[std::size_t{3} * static_cast<std::size_t>(x) + i] = static_cast<char>(std::lround(value * 255.0));
      }
    }
    file.write(row.data(), static_cast<std::streamsize>(row.size()));
  }
  if (!file) give_up("cannot write " + path.string());
}

}  // namespace vivid::bench
