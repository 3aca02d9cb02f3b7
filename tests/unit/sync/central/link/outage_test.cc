#include "sync/central/link/outage.h"

#include <gtest/gtest.h>

namespace vivid::sync {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr BackoffOptions kBackoff{milliseconds(200), milliseconds(30'000), 2.0};
const Error kDown{ErrorCode::unavailable, "cannot connect"};
const Error kNoSchema{ErrorCode::not_found, "no schema"};

TEST(Outage, IsToldOnceWhenItBegins) {
  Random random(1);
  Outage outage(kBackoff, random);
  SteadyTime now{seconds(100)};
  EXPECT_TRUE(outage.failed(kDown, now).say);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(outage.failed(kDown, now += seconds(30)).say);
}

TEST(Outage, IsToldOnceWhenItIsOverWithItsLength) {
  Random random(1);
  Outage outage(kBackoff, random);
  const SteadyTime now{seconds(100)};
  EXPECT_EQ(outage.over(now), std::nullopt);
  (void)outage.failed(kDown, now);
  EXPECT_EQ(outage.over(now + seconds(9)), seconds(9));
  EXPECT_EQ(outage.over(now + seconds(10)), std::nullopt);
  EXPECT_TRUE(outage.failed(kDown, now + seconds(11)).say);
}

TEST(Outage, IsWaitedForHalfALeaseAtTheLongest) {
  EXPECT_EQ(within_lease(kBackoff, seconds(60)).maximum, seconds(30));
  EXPECT_EQ(within_lease(kBackoff, seconds(6)).maximum, seconds(3));
  EXPECT_EQ(within_lease(kBackoff, milliseconds(100)).initial, milliseconds(50));
}

TEST(Outage, BacksOffToHalfAMinuteAndStartsAnewAfterwards) {
  Random random(1);
  Outage outage(kBackoff, random);
  const SteadyTime now{seconds(100)};
  milliseconds longest{0};
  EXPECT_LE(outage.failed(kDown, now).retry_in, milliseconds(200));
  for (int i = 0; i < 200; ++i) longest = std::max(longest, outage.failed(kDown, now).retry_in);
  EXPECT_GT(longest, seconds(20));
  EXPECT_LE(longest, seconds(30));
  (void)outage.over(now);
  EXPECT_LE(outage.failed(kDown, now).retry_in, milliseconds(200));
}

TEST(Outage, RetriesSlowlyWhatNeedsSomebodyAndSaysSoNowAndThen) {
  Random random(1);
  Outage outage(kBackoff, random);
  SteadyTime now{seconds(100)};
  int said = 0;
  for (const SteadyTime end = now + minutes(60); now < end;) {
    const Outage::Next next = outage.failed(kNoSchema, now);
    EXPECT_TRUE(next.needs_somebody);
    EXPECT_GE(next.retry_in, seconds(15));
    EXPECT_LE(next.retry_in, seconds(30));
    said += next.say ? 1 : 0;
    now += next.retry_in;
  }
  EXPECT_GE(said, 5);
  EXPECT_LE(said, 7);
}

TEST(Outage, IsToldAgainWhenItTurnsIntoOneThatNeedsSomebody) {
  Random random(1);
  Outage outage(kBackoff, random);
  const SteadyTime now{seconds(100)};
  (void)outage.failed(kDown, now);
  EXPECT_TRUE(outage.failed(kNoSchema, now).say);
  EXPECT_FALSE(outage.failed(kNoSchema, now).say);
}

TEST(ConnectionError, TellsRefusalsFromOutages) {
  const auto code = [](const char* message) { return connection_error(Error{ErrorCode::unavailable, message}).code; };
  EXPECT_EQ(code("cannot connect: FATAL:  password authentication failed for user \"v\""),
            ErrorCode::permission_denied);
  EXPECT_EQ(code("cannot connect: FATAL:  database \"vivid\" does not exist"), ErrorCode::not_found);
  EXPECT_EQ(code("cannot connect: FATAL:  role \"v\" does not exist"), ErrorCode::not_found);
  EXPECT_EQ(code("cannot connect: FATAL:  no pg_hba.conf entry for host"), ErrorCode::permission_denied);
  EXPECT_EQ(code("cannot connect: No such file or directory; Is the server running on that socket?"),
            ErrorCode::unavailable);
  EXPECT_EQ(code("cannot connect: FATAL:  the database system is starting up"), ErrorCode::unavailable);
}

}  // namespace
}  // namespace vivid::sync
