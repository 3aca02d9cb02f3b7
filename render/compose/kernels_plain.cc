#include <algorithm>

#include "render/compose/kernels.h"

namespace vivid::render::kernels::plain {
namespace {

// The rounded product of two numbers in 1/32768.
std::int32_t product(std::int32_t a, std::int32_t b) { return (a * b + 0x4000) >> 15; }

}  // namespace

void mix(const std::uint8_t* from, const std::uint8_t* into, int weight_256, std::uint8_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<std::uint8_t>((from[i] * (256 - weight_256) + into[i] * weight_256 + 128) >> 8);
  }
}

void mix_by(const std::uint8_t* from, const std::uint8_t* into, const std::uint16_t* weights_256, std::uint8_t* to,
            std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<std::uint8_t>((from[i] * (256 - weights_256[i]) + into[i] * weights_256[i] + 128) >> 8);
  }
}

void over(const std::int16_t* color, const std::int16_t* alpha, int opacity, std::uint8_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t rest = kWhole - product(alpha[i], opacity);
    const std::int32_t sum = product(color[i], opacity) + product(to[i] << kColorBits, rest);
    to[i] = static_cast<std::uint8_t>(std::clamp((sum + (1 << (kColorBits - 1))) >> kColorBits, 0, 255));
  }
}

void filter_columns(const ColumnTaps& taps, std::int16_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t sum = 0;
    for (int k = 0; k < kTaps; ++k) sum += product(taps.rows[k][i], taps.weights[k]);
    to[i] = static_cast<std::int16_t>(sum);
  }
}

void filter_row(const std::int16_t* row, const RowTaps& taps, std::uint8_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t sum = 1 << (kSourceBits - 1);
    for (int k = 0; k < kTaps; ++k) sum += product(row[taps.starts[i] + k], taps.weights[k][i]);
    to[i] = static_cast<std::uint8_t>(std::clamp(sum >> kSourceBits, taps.low, taps.high));
  }
}

}  // namespace vivid::render::kernels::plain
