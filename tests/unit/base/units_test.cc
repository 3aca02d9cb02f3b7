#include "base/units.h"

#include <gtest/gtest.h>

namespace vivid {
namespace {

using std::chrono::milliseconds;

TEST(Units, ParsesDurationsWithOneOrSeveralUnits) {
  EXPECT_EQ(parse_duration("250ms").value(), milliseconds(250));
  EXPECT_EQ(parse_duration("1.5s").value(), milliseconds(1500));
  EXPECT_EQ(parse_duration("1m30s").value(), milliseconds(90'000));
  EXPECT_EQ(parse_duration("2d").value(), milliseconds(172'800'000));
  EXPECT_EQ(parse_duration("0").value(), milliseconds(0));
}

TEST(Units, RefusesDurationsWithoutUnitOrOutOfOrder) {
  for (const char* text : {"", "10", "s", "30s1m", "1m1m", "-5s", "5 s", "5sec", "99999d"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_input);
    EXPECT_NE(parsed.error().message.find(text), std::string::npos);
  }
}

TEST(Units, ParsesSizesInBothFamilies) {
  EXPECT_EQ(parse_size("4096").value(), 4096U);
  EXPECT_EQ(parse_size("64KiB").value(), 65'536U);
  EXPECT_EQ(parse_size("1.5GB").value(), 1'500'000'000U);
  EXPECT_EQ(parse_size("2 MiB").value(), 2'097'152U);
}

TEST(Units, RefusesUnknownSizeUnits) {
  for (const char* text : {"", "MB", "5K", "5mb", "-1", "9999999TiB"})
    EXPECT_FALSE(parse_size(text).has_value()) << text;
}

TEST(Units, FormatsForPeople) {
  EXPECT_EQ(format_duration(milliseconds(999)), "999ms");
  EXPECT_EQ(format_duration(milliseconds(2500)), "2.5s");
  EXPECT_EQ(format_duration(milliseconds(90'000)), "1m30s");
  EXPECT_EQ(format_duration(milliseconds(3'720'000)), "1h02m");
  EXPECT_EQ(format_size(512), "512 B");
  EXPECT_EQ(format_size(1'610'612'736), "1.5 GiB");
}

}  // namespace
}  // namespace vivid
