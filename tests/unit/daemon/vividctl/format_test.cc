#include "daemon/vividctl/format.h"

#include <gtest/gtest.h>

namespace vivid::ctl {
namespace {

WallTime at(std::string_view text) { return parse_iso8601(text).value(); }

TEST(Format, ReadsBackWhatTheClockWrites) {
  const WallTime time = at("2026-11-20T21:02:03.456Z");
  EXPECT_EQ(to_iso8601(time), "2026-11-20T21:02:03.456Z");
  EXPECT_EQ(at("2026-11-20T21:02:03Z") + std::chrono::milliseconds(456), time);
}

TEST(Format, RefusesWhatIsNoTime) {
  for (const char* text : {"", "yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-20T24:00:00Z",
                           "2026-11-20T21:02:03", "2026-11-20T21:02:03+01:00", "2026-11-20T21:02:03.Z"}) {
    EXPECT_FALSE(parse_iso8601(text)) << text;
  }
}

TEST(Format, SaysAgesInOneUnit) {
  const WallTime now = at("2026-11-20T12:00:00Z");
  EXPECT_EQ(relative_time("2026-11-20T11:59:48Z", now), "12s ago");
  EXPECT_EQ(relative_time("2026-11-20T10:01:00Z", now), "1h ago");
  EXPECT_EQ(relative_time("2026-11-20T12:03:00Z", now), "in 3m");
  EXPECT_EQ(relative_time("2026-11-20T12:00:00.4Z", now), "now");
  EXPECT_EQ(relative_time("", now), "-");
  EXPECT_EQ(relative_time("odd\x1b", now), "odd ");
}

TEST(Format, ElapsedRunsOnWhileThereIsNoEnd) {
  const WallTime now = at("2026-11-20T12:00:00Z");
  EXPECT_EQ(elapsed("2026-11-20T11:59:00Z", "2026-11-20T11:59:30Z", now), "30s");
  EXPECT_EQ(elapsed("2026-11-20T11:59:00Z", "", now), "1m00s");
  EXPECT_EQ(elapsed("", "", now), "-");
}

TEST(Format, LengthensIdsUntilTheyDiffer) {
  EXPECT_EQ(distinct_length({}), 8U);
  EXPECT_EQ(distinct_length({"3f0c5a52-8f6e", "3f0c5a52-8f6e", "aa0c5a52-8f6e"}), 8U);
  EXPECT_EQ(distinct_length({"3f0c5a52-8f6e", "aa0c5a52-8f6e", "3f0c5a52-87aa"}), 11U);
  EXPECT_EQ(short_id("3f0c5a52-87aa", 11), "3f0c5a52-87");
}

TEST(Format, GroupsThousands) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(count_text(-12'345), "-12,345");
}

}  // namespace
}  // namespace vivid::ctl
