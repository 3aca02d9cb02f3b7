#include "daemon/workers/limit_watch.h"

#include "tests/support/daemon/loop_fixture.h"

namespace vivid::daemon {
namespace {

using std::chrono::milliseconds;

class LimitWatchTest : public LoopFixture {
 protected:
  void watch(RunLimits limits) {
    watch_ = std::make_unique<LimitWatch>(&loop_, clock_, limits, [this](Error error) { expired_ = error.code; });
  }
  ~LimitWatchTest() override { watch_.reset(); }

  ManualClock clock_;
  std::unique_ptr<LimitWatch> watch_;
  std::optional<ErrorCode> expired_;
};

TEST_F(LimitWatchTest, TimersThatFireEarlyDoNotExpireAnything) {
  watch({milliseconds(1), milliseconds(1), milliseconds(1)});
  turn();
  EXPECT_FALSE(expired_);
}

TEST_F(LimitWatchTest, SilenceIsCountedFromTheLastSignOfLife) {
  watch({milliseconds(1000), milliseconds(5)});
  clock_.advance(milliseconds(4));
  watch_->touch();
  clock_.advance(milliseconds(4));
  turn();
  EXPECT_FALSE(expired_);
  clock_.advance(milliseconds(2));
  ASSERT_TRUE(run_until([&] { return expired_.has_value(); }));
  EXPECT_EQ(expired_, ErrorCode::silence);
}

TEST_F(LimitWatchTest, SignsOfLifeDoNotExtendTheStageItself) {
  watch({milliseconds(10), milliseconds(1000)});
  clock_.advance(milliseconds(9));
  watch_->touch();
  clock_.advance(milliseconds(2));
  watch_->touch();
  ASSERT_TRUE(run_until([&] { return expired_.has_value(); }));
  EXPECT_EQ(expired_, ErrorCode::start_to_close);
}

TEST_F(LimitWatchTest, WhatIsLeftOfTheRequestCountsFromWhenItIsKnown) {
  watch({milliseconds(1000), milliseconds(1000)});
  clock_.advance(milliseconds(20));
  watch_->set_whole_request_left(milliseconds(10));
  clock_.advance(milliseconds(9));
  turn();
  EXPECT_FALSE(expired_);
  clock_.advance(milliseconds(2));
  ASSERT_TRUE(run_until([&] { return expired_.has_value(); }));
  EXPECT_EQ(expired_, ErrorCode::overall_deadline);
}

}  // namespace
}  // namespace vivid::daemon
