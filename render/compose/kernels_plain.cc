#include "render/compose/kernels.h"
#include "render/compose/sample_math.h"

namespace vivid::render::kernels::plain {

static_assert(kColorBits == samples::kSampleColorBits && kWhole == samples::kSampleWhole);
static_assert(kSourceBits == samples::kSampleSourceBits && kTaps == samples::kSampleTaps);

void mix(const std::uint8_t* from, const std::uint8_t* into, int weight_256, std::uint8_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = samples::mixed(from[i], into[i], weight_256);
}

void mix_by(const std::uint8_t* from, const std::uint8_t* into, const std::uint16_t* weights_256, std::uint8_t* to,
            std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = samples::mixed(from[i], into[i], weights_256[i]);
}

void over(const std::int16_t* color, const std::int16_t* alpha, int opacity, std::uint8_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = samples::over(color[i], alpha[i], opacity, to[i]);
}

void filter_columns(const ColumnTaps& taps, std::int16_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t sum = 0;
    for (int k = 0; k < kTaps; ++k) sum += samples::product(taps.rows[k][i], taps.weights[k]);
    to[i] = static_cast<std::int16_t>(sum);
  }
}

void filter_row(const std::int16_t* row, const RowTaps& taps, std::uint8_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t sum = 0;
    for (int k = 0; k < kTaps; ++k) sum += samples::product(row[taps.starts[i] + k], taps.weights[k][i]);
    to[i] = samples::filtered(sum, taps.low, taps.high);
  }
}

}  // namespace vivid::render::kernels::plain
