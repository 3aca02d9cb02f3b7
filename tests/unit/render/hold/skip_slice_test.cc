#include "render/hold/skip_slice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "render/hold/slice_header.h"

namespace vivid::render::h264 {
namespace {

constexpr std::uint32_t kFullHd = 120 * 68;

SequenceParameters sequence(std::uint32_t macroblocks) {
  SequenceParameters parameters;
  parameters.frame_num_bits = 4;
  parameters.order_count_bits = 14;
  parameters.reference_frames = 4;
  parameters.picture_macroblocks = macroblocks;
  return parameters;
}

PictureParameters picture(bool cabac) {
  PictureParameters parameters;
  parameters.cabac = cabac;
  parameters.references_l0 = 3;
  parameters.weighted_p = true;
  parameters.deblocking_control = true;
  return parameters;
}

Bytes skipped(bool cabac, bool reference = false) {
  Bytes stream;
  SkipSlice(sequence(kFullHd), picture(cabac)).append(reference, 7, 0x3fff + 3, stream);
  return stream;
}

TEST(SkipSlice, TakesAFewBytes) {
  EXPECT_LE(skipped(true).size(), 80U);
  EXPECT_LE(skipped(false).size(), 20U);
}

TEST(SkipSlice, SaysWhatItWasTold) {
  for (const bool cabac : {true, false}) {
    for (const bool reference : {true, false}) {
      const Bytes stream = skipped(cabac, reference);
      const auto units = split_annex_b(stream);
      ASSERT_EQ(units.size(), 1U);
      EXPECT_EQ(units[0].type(), NalType::slice);
      EXPECT_EQ(units[0].ref_idc() != 0, reference);
      const auto header = parse_slice_header(units[0], payload_of(units[0]), sequence(kFullHd), picture(cabac));
      ASSERT_TRUE(header.has_value()) << header.error().describe();
      EXPECT_EQ(header->type, SliceType::p);
      EXPECT_EQ(header->frame_num, 7U);
      EXPECT_EQ(header->order_count, 2U);  // cut to its 14 bits
    }
  }
}

// The decoding engine of 9.3.3.2 with the probabilities that Table 9-44 rounds: state s has 0.5 times
// 0.0375^(s / 63), and a row holds that times the middle of each quarter of the range.
int skips_until_the_end(const Bytes& data, double first_state) {
  std::uint32_t range = 510;
  std::uint32_t offset = 0;
  std::size_t at = 0;
  const auto next_bit = [&] {
    const std::uint32_t bit = at / 8 < data.size() ? data[at / 8] >> (7 - at % 8) & 1U : 0U;
    ++at;
    return bit;
  };
  for (int i = 0; i < 9; ++i) offset = offset << 1 | next_bit();
  double probability = 0.5 * std::pow(0.0375, first_state / 63.0);
  for (int skips = 1; skips < 1'000'000; ++skips) {
    const double middle = 256.0 + 64.0 * (range >> 6 & 3) + 32.0;
    range -= std::max(6U, static_cast<std::uint32_t>(std::lround(probability * middle)));
    if (offset >= range) return -skips;  // not skipped
    if (probability > 0.5 * std::pow(0.0375, 61.5 / 63.0)) probability *= std::pow(0.0375, 1.0 / 63.0);
    const auto renormalise = [&] {
      for (; range < 256; range <<= 1) offset = offset << 1 | next_bit();
    };
    renormalise();
    range -= 2;
    if (offset >= range) return skips;
    renormalise();
  }
  return 0;
}

TEST(SkipSlice, CabacDataSkipExactlyAllMacroblocks) {
  // Where a rounding of the model differs from the table's, the last few cannot be told apart.
  for (const std::uint32_t macroblocks : {1U, 2U, 60U, 240U, 900U, kFullHd, 139'264U}) {
    const int skips = skips_until_the_end(skipped_macroblocks_cabac(macroblocks, SkipContext::p), 44.0);
    EXPECT_NEAR(skips, static_cast<int>(macroblocks), 2) << macroblocks;
    const int skips_b = skips_until_the_end(skipped_macroblocks_cabac(macroblocks, SkipContext::b), 57.0);
    EXPECT_NEAR(skips_b, static_cast<int>(macroblocks), 2) << macroblocks;
  }
  EXPECT_EQ(skipped_macroblocks_cabac(60, SkipContext::p), (Bytes{0x2b, 0x60}));
}

}  // namespace
}  // namespace vivid::render::h264
