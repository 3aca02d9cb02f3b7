#include "render/hold/messages.h"

#include <gtest/gtest.h>

namespace vivid::render::h264 {
namespace {

TEST(Messages, AreNoneWhereTimingWasAllTheyWereAbout) {
  EXPECT_EQ(without_timing_messages(Bytes{0x01, 0x01, 0x04, 0x80}), Bytes{});
}

TEST(Messages, StayWhereTheyAreAboutSomethingElse) {
  const Bytes recovery{0x06, 0x01, 0xc4, 0x80};
  EXPECT_EQ(without_timing_messages(recovery), recovery);
  EXPECT_EQ(without_timing_messages(Bytes{0x01, 0x01, 0x04, 0x06, 0x01, 0xc4, 0x80}), recovery);
}

TEST(Messages, OfLongPayloadsAreCountedInBytesOf255) {
  Bytes both{0x05, 0xff, 0x02};
  both.insert(both.end(), 257, 0x11);
  Bytes kept = both;
  kept.push_back(0x80);
  both.insert(both.end(), {0x01, 0x01, 0x04, 0x80});
  EXPECT_EQ(without_timing_messages(both), kept);
}

TEST(Messages, ThatEndTooEarlyAreLeftAsTheyAre) {
  const Bytes cut{0x01, 0x09, 0x04, 0x80};
  EXPECT_EQ(without_timing_messages(cut), cut);
}

}  // namespace
}  // namespace vivid::render::h264
