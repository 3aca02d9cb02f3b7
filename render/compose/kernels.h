// The arithmetic on rows of samples that composing consists of, for whatever vector unit the machine has.
//
// Every kernel gives the same samples on every machine; kernels::plain is the definition that all others follow, and
// what does the last few samples of a row. Which one runs is decided once, when the program runs.
//
// Threads: free functions. Units: samples of 8 bits; colours of layers in 1/128 of a sample (kColorBits), shares of 1
// in 1/32767 (kWhole); sources of a camera in 1/64 of a sample (kSourceBits), its weights in 1/32768.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vivid::render::kernels {

inline constexpr int kColorBits = 7;
inline constexpr int kWhole = 32'767;
inline constexpr int kSourceBits = 6;
inline constexpr int kTaps = 4;
inline constexpr int kWeightBits = 15;
// So many samples of a row are made at once, out of a window of twice as many.
inline constexpr int kBlock = 8;
inline constexpr int kBlockLookups = 4 * kBlock;
// What keeps sums of weighted source samples within 16 bits.
inline constexpr int kLargestSource = 32'000;

// to = from at weight 0, into at 256.
void mix(const std::uint8_t* from, const std::uint8_t* into, int weight_256, std::uint8_t* to, std::size_t count);
// As mix, with a weight for each sample.
void mix_by(const std::uint8_t* from, const std::uint8_t* into, const std::uint16_t* weights_256, std::uint8_t* to,
            std::size_t count);
// A premultiplied colour, at `opacity` of itself, over what is there.
void over(const std::int16_t* color, const std::int16_t* alpha, int opacity, std::uint8_t* to, std::size_t count);

// to = Σ rows[i] · weights[i]
struct ColumnTaps {
  const std::int16_t* rows[kTaps] = {};
  std::int16_t weights[kTaps] = {};
};
void filter_columns(const ColumnTaps& taps, std::int16_t* to, std::size_t count);

// Sample i of the result is Σ row[starts[i] + k] · weights[k][i], rounded to 8 bits and kept between low and high. The
// row may be read up to starts[i] + kTaps + 2 · kBlock.
struct RowTaps {
  const std::int32_t* starts = nullptr;  // they do not fall
  // For each whole block: where in its window, of which the first half begins at the block's first start, the bytes of
  // each sample are; 128: in the other half. Null where a block reaches further than a window.
  const std::uint8_t* lookups = nullptr;
  const std::int16_t* weights[kTaps] = {};
  int low = 0;
  int high = 255;
};
void filter_row(const std::int16_t* row, const RowTaps& taps, std::uint8_t* to, std::size_t count);

namespace plain {

void mix(const std::uint8_t* from, const std::uint8_t* into, int weight_256, std::uint8_t* to, std::size_t count);
void mix_by(const std::uint8_t* from, const std::uint8_t* into, const std::uint16_t* weights_256, std::uint8_t* to,
            std::size_t count);
void over(const std::int16_t* color, const std::int16_t* alpha, int opacity, std::uint8_t* to, std::size_t count);
void filter_columns(const ColumnTaps& taps, std::int16_t* to, std::size_t count);
void filter_row(const std::int16_t* row, const RowTaps& taps, std::uint8_t* to, std::size_t count);

}  // namespace plain
}  // namespace vivid::render::kernels
