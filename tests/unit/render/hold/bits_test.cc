#include "render/hold/bits.h"

#include <gtest/gtest.h>

#include <random>

namespace vivid::render::h264 {
namespace {

TEST(Bits, ReadBackWhatWasWritten) {
  BitWriter out;
  const std::vector<std::uint32_t> codes{0, 1, 2, 3, 7, 8, 254, 255, 65'535, 2'147'483'646};
  const std::vector<std::int32_t> signs{0, 1, -1, 2, -2, 51, -51, 32'767, -32'768};
  out.bits(5, 3);
  for (const std::uint32_t code : codes) out.ue(code);
  for (const std::int32_t value : signs) out.se(value);
  out.bits(0xdeadbeef, 32);
  out.stop();
  BitReader in(out.bytes());
  EXPECT_EQ(in.bits(3), 5U);
  for (const std::uint32_t code : codes) EXPECT_EQ(in.ue(), code);
  for (const std::int32_t value : signs) EXPECT_EQ(in.se_up_to(40'000), value);
  EXPECT_EQ(in.bits(32), 0xdeadbeefU);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(stop_bit_position(out.bytes()), in.position());
}

// Table 9-2: 1, 010, 011, 00100 …
TEST(Bits, WriteTheCodesOfTheStandard) {
  BitWriter out;
  for (std::uint32_t code = 0; code < 4; ++code) out.ue(code);
  out.align(true);
  EXPECT_EQ(out.bytes(), (std::vector<std::uint8_t>{0b1'010'011'0, 0b0100'1111}));
}

TEST(Bits, SayThatTheyRanOut) {
  const std::vector<std::uint8_t> one{0xff};
  BitReader in(one);
  EXPECT_EQ(in.bits(8), 0xffU);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.ue(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.bits(1), 0U);
  const std::vector<std::uint8_t> zeros(20, 0);
  BitReader endless(zeros);
  EXPECT_EQ(endless.ue(), 0U);
  EXPECT_FALSE(endless.ok());
}

TEST(Bits, RefuseValuesThatAreTooLarge) {
  BitWriter out;
  out.ue(13);
  out.se(-63);
  out.stop();
  BitReader first(out.bytes());
  EXPECT_EQ(first.ue_up_to(12), 0U);
  EXPECT_FALSE(first.ok());
  BitReader second(out.bytes());
  second.ue();
  EXPECT_EQ(second.se_up_to(62), 0);
  EXPECT_FALSE(second.ok());
}

TEST(Bits, CopyAnyStretch) {
  std::mt19937 random(7);
  std::vector<std::uint8_t> from(40);
  for (auto& byte : from) byte = static_cast<std::uint8_t>(random());
  for (std::size_t begin = 0; begin < 20; ++begin) {
    BitWriter out;
    out.bits(1, 5);
    out.copy(from, begin, 200 + begin);
    BitReader expected(from);
    expected.bits(static_cast<int>(begin));
    BitReader got(out.bytes());
    got.bits(5);
    for (int i = 0; i < 200; ++i) ASSERT_EQ(got.bits(1), expected.bits(1)) << begin << " " << i;
  }
}

}  // namespace
}  // namespace vivid::render::h264
