// What becomes of one sample: written once, for this machine's kernels (kernels_plain.cc) and for those of a device.
//
// Threads: free functions. Units: as in kernels.h.
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define VIVID_ON_DEVICE_TOO __host__ __device__
#else
#define VIVID_ON_DEVICE_TOO
#endif

namespace vivid::render::samples {

inline constexpr int kSampleColorBits = 7;
inline constexpr int kSampleWhole = 32'767;
inline constexpr int kSampleSourceBits = 6;
inline constexpr int kSampleTaps = 4;

VIVID_ON_DEVICE_TOO inline std::int32_t kept(std::int32_t value, std::int32_t low, std::int32_t high) {
  return value < low ? low : value > high ? high : value;
}

// The rounded product of two numbers in 1/32768.
VIVID_ON_DEVICE_TOO inline std::int32_t product(std::int32_t a, std::int32_t b) { return (a * b + 0x4000) >> 15; }

VIVID_ON_DEVICE_TOO inline std::uint8_t mixed(int from, int into, int weight_256) {
  return static_cast<std::uint8_t>((from * (256 - weight_256) + into * weight_256 + 128) >> 8);
}

VIVID_ON_DEVICE_TOO inline std::uint8_t over(int color, int alpha, int opacity, int under) {
  const std::int32_t rest = kSampleWhole - product(alpha, opacity);
  const std::int32_t sum = product(color, opacity) + product(under << kSampleColorBits, rest);
  return static_cast<std::uint8_t>(kept((sum + (1 << (kSampleColorBits - 1))) >> kSampleColorBits, 0, 255));
}

// One sample of a filtered row, out of the sum of its products.
VIVID_ON_DEVICE_TOO inline std::uint8_t filtered(std::int32_t sum, int low, int high) {
  return static_cast<std::uint8_t>(kept((sum + (1 << (kSampleSourceBits - 1))) >> kSampleSourceBits, low, high));
}

// How much of the new picture a column shows whose distance from where a wipe began is `run`.
VIVID_ON_DEVICE_TOO inline int wipe_weight(int run, int place, int soft) {
  return kept((place - run) * 256 / soft, 0, 256);
}

}  // namespace vivid::render::samples
