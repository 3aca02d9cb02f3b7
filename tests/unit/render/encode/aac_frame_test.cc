#include "render/encode/aac_frame.h"

#include <gtest/gtest.h>

#include <array>

namespace vivid::render {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Bits as text, blanks between fields; the last byte is filled with zeros.
Bytes bits(std::string_view text) {
  Bytes bytes;
  int count = 0;
  for (const char c : text) {
    if (c == ' ') continue;
    if (count++ % 8 == 0) bytes.push_back(0);
    if (c == '1') bytes.back() = static_cast<std::uint8_t>(bytes.back() | (0x80U >> ((count - 1) % 8)));
  }
  return bytes;
}

// Element, tag, gain, then a long window of 40 bands, and ten bits that stand for its content.
const Bytes kLong = bits("000 0000 01100100  0 00 1 101000 0  1011001110 111");
// A start window that is a sine.
const Bytes kStart = bits("000 0000 01100100  0 01 0 101000 0  1011001110 111");
// Eight short windows in groups of 1, 3 and 4, of seven bands.
const Bytes kShort = bits("000 0000 01100100  0 10 0 0111 0110111  1011001110 111");

TEST(AacFrame, TellsHowAFrameEnds) {
  EXPECT_EQ(ending_slope(kLong), (AacSlope{false, true}));
  EXPECT_EQ(ending_slope(kStart), (AacSlope{true, false}));
  EXPECT_EQ(ending_slope(kShort), (AacSlope{true, false}));
  // A pair that shares a stop window.
  EXPECT_EQ(ending_slope(bits("001 0000 1  0 11 1 101000 0  00 111")), (AacSlope{false, true}));
}

TEST(AacFrame, DoesNotGuessHowAFrameEnds) {
  EXPECT_EQ(ending_slope(bits("001 0000 0 01100100  0 11 1 101000 0  00 111")), std::nullopt);
  EXPECT_EQ(ending_slope(bits("111")), std::nullopt);
  EXPECT_EQ(ending_slope({}), std::nullopt);
}

TEST(AacFrame, PairHasTheChannelInItsMiddleAndSilenceAtItsSides) {
  // Forty bands are a run of 31 and one of 9.
  EXPECT_EQ(pair_of(kLong).value(), bits("001 0000 1  0 00 1 101000 0  10  01100100 1011001110"
                                         "00000000  0000 11111 01001  000 111"));
  // A run of exactly seven needs another of none, and each of three groups has runs of its own.
  EXPECT_EQ(pair_of(kShort).value(), bits("001 0000 1  0 10 0 0111 0110111  10  01100100 1011001110"
                                          "00000000  0000 111 000  0000 111 000  0000 111 000  000 111"));
}

TEST(AacFrame, WhatIsNoLoneChannelBecomesNoPair) {
  const Bytes pair = pair_of(kLong).value();
  const Bytes predicted = bits("000 0000 01100100  0 00 1 101000 1  1011001110 111");
  for (const Bytes& frame : {Bytes{}, Bytes{0}, Bytes{0, 0, 0, 0}, pair, predicted}) {
    const auto made = pair_of(frame);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, ErrorCode::data_corrupt);
  }
}

}  // namespace
}  // namespace vivid::render
