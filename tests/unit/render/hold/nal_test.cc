#include "render/hold/nal.h"

#include <gtest/gtest.h>

#include <random>

namespace vivid::render::h264 {
namespace {

Bytes escaped(const Bytes& payload) {
  Bytes stream;
  append_nal(0x65, payload, stream);
  return {stream.begin() + 5, stream.end()};
}

TEST(Nal, KeepsStartCodesOut) {
  EXPECT_EQ(escaped({0, 0, 0}), (Bytes{0, 0, 3, 0, 3}));
  EXPECT_EQ(escaped({0, 0, 1, 9}), (Bytes{0, 0, 3, 1, 9}));
  EXPECT_EQ(escaped({0, 0, 2, 9}), (Bytes{0, 0, 3, 2, 9}));
  EXPECT_EQ(escaped({0, 0, 3, 9}), (Bytes{0, 0, 3, 3, 9}));
  EXPECT_EQ(escaped({0, 0, 4, 9}), (Bytes{0, 0, 4, 9}));
  EXPECT_EQ(escaped({0, 0, 0, 0, 0, 1}), (Bytes{0, 0, 3, 0, 0, 3, 0, 1}));
  EXPECT_EQ(escaped({7, 0}), (Bytes{7, 0, 3}));
}

TEST(Nal, ReadsBackEveryPayload) {
  std::mt19937 random(11);
  for (int round = 0; round < 2'000; ++round) {
    Bytes payload(1 + random() % 24);
    for (auto& byte : payload) byte = static_cast<std::uint8_t>(random() % 5);
    payload.back() = 0x80;  // a payload ends in its stop bit
    Bytes stream;
    append_nal(0x41, payload, stream);
    append_nal(0x68, {}, stream);
    const auto units = split_annex_b(stream);
    ASSERT_EQ(units.size(), 2U);
    EXPECT_EQ(units[0].bytes[0], 0x41);
    EXPECT_EQ(payload_of(units[0]), payload);
    EXPECT_TRUE(payload_of(units[1]).empty());
    for (std::size_t i = 2; i < units[0].bytes.size(); ++i) {
      EXPECT_FALSE(units[0].bytes[i - 2] == 0 && units[0].bytes[i - 1] == 0 && units[0].bytes[i] < 3);
    }
  }
}

TEST(Nal, SplitsAtStartCodesOfEitherLength) {
  const Bytes stream{9, 0, 0, 1, 0x67, 1, 0, 0, 0, 0, 1, 0x68, 2, 0, 0, 1, 0, 0, 1, 0x65, 0, 0, 0};
  const auto units = split_annex_b(stream);
  ASSERT_EQ(units.size(), 3U);
  EXPECT_EQ(Bytes(units[0].bytes.begin(), units[0].bytes.end()), (Bytes{0x67, 1}));
  EXPECT_EQ(units[0].type(), NalType::sequence_parameters);
  EXPECT_EQ(Bytes(units[1].bytes.begin(), units[1].bytes.end()), (Bytes{0x68, 2}));
  EXPECT_EQ(units[2].type(), NalType::idr_slice);
  EXPECT_EQ(units[2].ref_idc(), 3);
  EXPECT_TRUE(split_annex_b({}).empty());
  EXPECT_TRUE(split_annex_b(Bytes{1, 2, 3, 0, 0}).empty());
}

}  // namespace
}  // namespace vivid::render::h264
