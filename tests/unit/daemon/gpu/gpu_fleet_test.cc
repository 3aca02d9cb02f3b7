#include "daemon/gpu/gpu_fleet.h"

#include <gtest/gtest.h>

#include "tests/support/daemon/loop_fixture.h"

namespace vivid::daemon {
namespace {

using Kind = GpuAnswer::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

render::GpuDevice device(const std::string& uuid, int sessions) {
  render::GpuDevice made;
  made.uuid = uuid;
  made.name = "L4";
  made.sessions = sessions;
  made.encoders = {{"h264_nvenc", {"1920x1080"}, ""}};
  return made;
}

render::GpuReport report(std::vector<render::GpuDevice> devices) {
  render::GpuReport made;
  made.state = render::GpuState::ready;
  made.devices = std::move(devices);
  return made;
}

class Fleet : public testing::Test {
 protected:
  Fleet() {
    options_.start_interval = milliseconds(0);
    options_.breaker = {2, seconds(10), seconds(40)};
    fleet_.set_options(options_);
  }
  Kind ask(const std::string& gpu = "a", int sessions = 1) { return fleet_.ask(gpu, "h264_nvenc", sessions).kind; }
  void fail_once(const std::string& gpu = "a") {
    ASSERT_EQ(ask(gpu), Kind::granted);
    fleet_.release(gpu, 1, GpuOutcome::failed);
  }

  ManualClock clock_;
  GpuFleetOptions options_;
  GpuFleet fleet_{clock_, options_};
};

TEST_F(Fleet, WaitsUntilTheProbeHasAnswered) {
  EXPECT_EQ(ask(), Kind::wait);
  fleet_.set_report({});
  EXPECT_EQ(ask(), Kind::refused);
}

TEST_F(Fleet, GivesOutAsManySessionsAsTheProbeCouldOpen) {
  fleet_.set_report(report({device("a", 2)}));
  EXPECT_EQ(ask(), Kind::granted);
  EXPECT_EQ(ask(), Kind::granted);
  EXPECT_EQ(ask(), Kind::wait);
  fleet_.release("a", 1, GpuOutcome::ok);
  EXPECT_EQ(ask(), Kind::granted);
}

TEST_F(Fleet, GivesSeveralSessionsOrNone) {
  fleet_.set_report(report({device("a", 3)}));
  EXPECT_EQ(ask("a", 2), Kind::granted);
  EXPECT_EQ(ask("a", 2), Kind::wait);
  EXPECT_EQ(ask("a", 1), Kind::granted);
  EXPECT_EQ(ask("a", 4), Kind::refused);
}

TEST_F(Fleet, SharesOneLimitBetweenConsumerCards) {
  fleet_.set_report(report({device("a", 2), device("b", 2)}));
  EXPECT_EQ(ask("a"), Kind::granted);
  EXPECT_EQ(ask("b"), Kind::granted);
  EXPECT_EQ(ask("b"), Kind::wait);
}

TEST_F(Fleet, LimitsCardsThatHaveNoLimitOnlyWhereItIsToldTo) {
  fleet_.set_report(report({device("a", 0), device("b", 0)}));
  for (int i = 0; i < 30; ++i) EXPECT_EQ(ask(i % 2 == 0 ? "a" : "b"), Kind::granted);
  options_.system_sessions = 30;
  fleet_.set_options(options_);
  EXPECT_EQ(ask(), Kind::wait);
}

TEST_F(Fleet, OpensSessionsOneAfterAnother) {
  options_.start_interval = milliseconds(100);
  fleet_.set_options(options_);
  fleet_.set_report(report({device("a", 0)}));
  EXPECT_EQ(ask(), Kind::granted);
  EXPECT_EQ(fleet_.ask("a", "h264_nvenc", 1).retry_in, milliseconds(100));
  clock_.advance(milliseconds(100));
  EXPECT_EQ(ask(), Kind::granted);
}

TEST_F(Fleet, ThinksLessOfTheBudgetForAWhileWhenADriverRefuses) {
  fleet_.set_report(report({device("a", 3)}));
  EXPECT_EQ(ask(), Kind::granted);
  EXPECT_EQ(ask(), Kind::granted);
  fleet_.release("a", 1, GpuOutcome::taken);
  EXPECT_EQ(ask(), Kind::wait);
  EXPECT_EQ(fleet_.snapshot()[0].sessions, 1);
  clock_.advance(options_.lowered_for);
  EXPECT_EQ(ask(), Kind::granted);
  EXPECT_EQ(fleet_.times_opened(), 0);
}

TEST_F(Fleet, PutsAGpuAsideAfterFailuresInARowAndTriesItWithOneVideo) {
  fleet_.set_report(report({device("a", 8)}));
  fail_once();
  ASSERT_EQ(ask(), Kind::granted);
  fleet_.release("a", 1, GpuOutcome::ok);
  fail_once();
  fail_once();
  EXPECT_EQ(ask(), Kind::wait);
  EXPECT_EQ(fleet_.times_opened(), 1);
  clock_.advance(seconds(10));
  EXPECT_EQ(fleet_.snapshot()[0].breaker, BreakerState::half_open);
  EXPECT_EQ(ask(), Kind::granted);
  EXPECT_EQ(ask(), Kind::wait);
  fleet_.release("a", 1, GpuOutcome::ok);
  EXPECT_EQ(fleet_.snapshot()[0].breaker, BreakerState::closed);
}

TEST_F(Fleet, RestsLongerEachTimeATrialFails) {
  fleet_.set_report(report({device("a", 8)}));
  fail_once();
  fail_once();
  for (const int rest : {10, 20, 40, 40}) {
    clock_.advance(seconds(rest) - milliseconds(1));
    EXPECT_EQ(ask(), Kind::wait) << rest;
    clock_.advance(milliseconds(1));
    fail_once();
  }
  EXPECT_EQ(fleet_.times_opened(), 5);
}

TEST_F(Fleet, TriesAgainWhenATrialSaidNothing) {
  fleet_.set_report(report({device("a", 8)}));
  fail_once();
  fail_once();
  clock_.advance(seconds(10));
  ASSERT_EQ(ask(), Kind::granted);
  fleet_.release("a", 1, GpuOutcome::undecided);
  EXPECT_EQ(ask(), Kind::granted);
}

TEST_F(Fleet, PutsWorkersWhereThereAreFewestAndNothingIsWrong) {
  EXPECT_EQ(fleet_.pick({}), "");
  fleet_.set_report(report({device("a", 8), device("b", 8)}));
  EXPECT_EQ(fleet_.pick({}), "a");
  EXPECT_EQ(fleet_.pick({"a"}), "b");
  EXPECT_EQ(fleet_.pick({"a", "b", "b"}), "a");
  fail_once();
  fail_once();
  EXPECT_EQ(fleet_.pick({"b", "b"}), "b");
  EXPECT_TRUE(fleet_.is_misplaced("a"));
  EXPECT_TRUE(fleet_.is_misplaced(""));
  EXPECT_FALSE(fleet_.is_misplaced("b"));
}

TEST_F(Fleet, LeavesWorkersWhereTheyAreWhenThereIsNothingBetter) {
  EXPECT_FALSE(fleet_.is_misplaced(""));
  fleet_.set_report(report({device("a", 8)}));
  fail_once();
  fail_once();
  EXPECT_FALSE(fleet_.is_misplaced("a"));
  EXPECT_EQ(fleet_.pick({}), "a");
}

TEST_F(Fleet, RemembersAGpuAcrossProbes) {
  fleet_.set_report(report({device("a", 8)}));
  fail_once();
  fail_once();
  fleet_.set_report(report({device("a", 8), device("b", 8)}));
  EXPECT_EQ(ask("a"), Kind::wait);
  EXPECT_EQ(ask("b"), Kind::granted);
  fleet_.set_report(report({device("a", 8)}));
  fleet_.release("b", 1, GpuOutcome::ok);
  EXPECT_EQ(fleet_.times_opened(), 1);
}

TEST_F(Fleet, DoesNotGiveAGpuToAnEncoderItLacks) {
  fleet_.set_report(report({device("a", 8)}));
  EXPECT_EQ(fleet_.ask("a", "av1_nvenc", 1).kind, Kind::refused);
  EXPECT_EQ(fleet_.encoders(), std::vector<std::string>{"h264_nvenc"});
}

}  // namespace
}  // namespace vivid::daemon
