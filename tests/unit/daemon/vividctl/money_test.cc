#include "daemon/vividctl/money.h"

#include <gtest/gtest.h>

namespace vivid::ctl {
namespace {

TEST(Money, ReadsDollarsToAMillionth) {
  EXPECT_EQ(parse_usd("0.017"), 17'000);
  EXPECT_EQ(parse_usd("$0.20"), 200'000);
  EXPECT_EQ(parse_usd("20"), 20'000'000);
  EXPECT_EQ(parse_usd("1000000"), 1'000'000'000'000);
  for (const char* wrong : {"", ".5", "-1", "1e3", "0.0000001", "1000001", "99999999999999999999", "1,5"}) {
    EXPECT_EQ(parse_usd(wrong), std::nullopt) << wrong;
  }
}

TEST(Money, WritesBackWhatItRead) {
  EXPECT_EQ(decimal_text(17'000), "0.017");
  EXPECT_EQ(decimal_text(20'000'000), "20");
  EXPECT_EQ(decimal_text(0), "0");
}

TEST(Money, RoundsHalfUpAndGroupsThousands) {
  EXPECT_EQ(usd_text("1234.56785", 4), "$1,234.5679");
  EXPECT_EQ(usd_text("999999.995", 2), "$1,000,000.00");
  EXPECT_EQ(usd_text("0.017", 4), "$0.0170");
  EXPECT_EQ(usd_text("730000", 0), "$730,000");
  EXPECT_EQ(usd_text("-12.5", 2), "-$12.50");
  EXPECT_EQ(usd_text("12345678901234567890123.1", 2), "$12,345,678,901,234,567,890,123.10");
  EXPECT_EQ(usd_text("NaN", 2), "NaN");
}

}  // namespace
}  // namespace vivid::ctl
