#include "sync/central/link/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace vivid::sync {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ScheduleTest : public ::testing::Test {
 protected:
  ScheduleTest() : random_(7), schedule_(ScheduleOptions{}, random_) {}

  // Everything once, nothing left over.
  void settle() {
    schedule_.connected(now_);
    schedule_.done(Task::renew, now_);
    schedule_.done(Task::deliver, now_);
    schedule_.done(Task::watch_cancelled, now_);
    schedule_.done(Task::publish_progress, now_);
    schedule_.claimed(now_, 2, 0);
  }
  // Does what comes next, as if there were nothing to do, until `end`; what was done.
  std::vector<Task> run_until(SteadyTime end) {
    std::vector<Task> done;
    while (schedule_.wake_at() <= end) {
      now_ = std::max(now_, schedule_.wake_at());
      const auto task = schedule_.next(now_);
      if (!task) ADD_FAILURE() << "awake with nothing due";
      if (!task) break;
      done.push_back(*task);
      if (*task == Task::claim) {
        schedule_.claimed(now_, 2, 0);
      } else {
        schedule_.done(*task, now_);
      }
    }
    now_ = end;
    return done;
  }
  static long count(const std::vector<Task>& tasks, Task task) { return std::count(tasks.begin(), tasks.end(), task); }

  SteadyTime now_{seconds(1000)};
  Random random_;
  Schedule schedule_;
};

TEST_F(ScheduleTest, RenewsThenDeliversThenClaimsAfterConnecting) {
  schedule_.connected(now_);
  EXPECT_EQ(schedule_.next(now_), Task::renew);
  schedule_.done(Task::renew, now_);
  std::vector<Task> order;
  while (const auto task = schedule_.next(now_)) {
    order.push_back(*task);
    schedule_.done(*task, now_);
  }
  const auto deliver = std::find(order.begin(), order.end(), Task::deliver);
  const auto claim = std::find(order.begin(), order.end(), Task::claim);
  ASSERT_NE(deliver, order.end());
  ASSERT_NE(claim, order.end());
  EXPECT_LT(deliver - order.begin(), claim - order.begin());
}

TEST_F(ScheduleTest, ClaimsNothingBeforeTheBacklogIsDelivered) {
  schedule_.connected(now_);
  for (int i = 0; i < 1000; ++i) {
    const auto task = schedule_.next(now_);
    ASSERT_TRUE(task);
    EXPECT_NE(*task, Task::claim);
    schedule_.done(*task, now_, *task == Task::deliver);
    now_ += milliseconds(20);
  }
  schedule_.done(Task::deliver, now_);
  bool claims = false;
  while (const auto task = schedule_.next(now_)) {
    claims = claims || *task == Task::claim;
    schedule_.done(*task, now_);
  }
  EXPECT_TRUE(claims);
}

TEST_F(ScheduleTest, RenewsOnTimeThroughAnEndlessBacklog) {
  settle();
  schedule_.woken(now_);
  SteadyTime renewed = now_;
  int renewals = 0;
  for (const SteadyTime end = now_ + seconds(200); now_ < end; now_ += milliseconds(300)) {
    const auto task = schedule_.next(now_);
    if (!task) continue;
    if (*task == Task::renew) {
      EXPECT_LE(now_ - renewed, milliseconds(20'300));
      renewed = now_;
      ++renewals;
    }
    schedule_.done(*task, now_, *task == Task::deliver);
  }
  EXPECT_GE(renewals, 9);
}

TEST_F(ScheduleTest, LetsEveryTaskThroughBetweenBatchesOfAnEndlessBacklog) {
  settle();
  schedule_.woken(now_);
  std::array<int, kTasks> seen{};
  for (int i = 0; i < 400; ++i, now_ += milliseconds(100)) {
    const auto task = schedule_.next(now_);
    if (!task) continue;
    ++seen[static_cast<std::size_t>(*task)];
    schedule_.done(*task, now_, *task == Task::deliver);
  }
  for (const Task task : {Task::renew, Task::watch_cancelled, Task::publish_progress, Task::claim}) {
    EXPECT_GT(seen[static_cast<std::size_t>(task)], 0) << to_text(task);
  }
}

TEST_F(ScheduleTest, RenewsBeforeAnythingElseAfterALongSleep) {
  settle();
  now_ += seconds(300);
  EXPECT_EQ(schedule_.overslept(now_), seconds(300));
  EXPECT_EQ(schedule_.next(now_), Task::renew);
  schedule_.done(Task::renew, now_);
  EXPECT_EQ(schedule_.overslept(now_), std::nullopt);
}

TEST_F(ScheduleTest, PollsBetweenFiveAndFifteenSeconds) {
  settle();
  const auto done = run_until(now_ + seconds(1500));
  EXPECT_GE(count(done, Task::claim), 100);
  EXPECT_LE(count(done, Task::claim), 300);
  EXPECT_NEAR(static_cast<double>(count(done, Task::renew)), 75, 1);
  EXPECT_NEAR(static_cast<double>(count(done, Task::watch_cancelled)), 1500, 1);
}

TEST_F(ScheduleTest, SpreadsTheHostsOfAFleetOverThePollingTime) {
  ScheduleOptions options;
  options.progress_interval = options.cancel_interval = milliseconds(0);
  options.renew_interval = seconds(60);
  options.poll_minimum = milliseconds(5'000);
  std::set<SteadyTime> times;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    Schedule schedule(options, random);
    schedule.connected(now_);
    schedule.done(Task::renew, now_);
    schedule.done(Task::deliver, now_ + seconds(60));
    schedule.claimed(now_, 1, 0);
    EXPECT_GE(schedule.wake_at(), now_ + seconds(5));
    EXPECT_LE(schedule.wake_at(), now_ + seconds(15));
    times.insert(schedule.wake_at());
  }
  EXPECT_GT(times.size(), 15u);
}

TEST_F(ScheduleTest, ClaimsSoonAfterAHintAndTellsOthers) {
  settle();
  schedule_.hinted(now_);
  const auto done = run_until(now_ + milliseconds(50));
  EXPECT_EQ(count(done, Task::hint), 1);
  EXPECT_EQ(count(done, Task::claim), 1);
}

TEST_F(ScheduleTest, TakesABurstOfHintsAsOne) {
  settle();
  for (int i = 0; i < 100; ++i) schedule_.hinted(now_);
  const auto done = run_until(now_ + milliseconds(60));
  EXPECT_EQ(count(done, Task::hint), 1);
  EXPECT_EQ(count(done, Task::claim), 1);
}

TEST_F(ScheduleTest, DoesNotAskAgainOnWakingWhenNothingWasPending) {
  settle();
  schedule_.woken(now_);
  const auto done = run_until(now_ + milliseconds(900));
  EXPECT_EQ(count(done, Task::deliver), 1);
  EXPECT_EQ(count(done, Task::claim), 0);
}

TEST_F(ScheduleTest, ClaimsOnWakingWhenItCouldTakeNothingBefore) {
  settle();
  schedule_.claimed(now_, 0, 0);
  schedule_.woken(now_);
  EXPECT_EQ(count(run_until(now_ + milliseconds(900)), Task::claim), 1);
}

TEST_F(ScheduleTest, ClaimsAgainAtOnceAfterAFullBatch) {
  settle();
  schedule_.claimed(now_, 8, 8);
  EXPECT_EQ(schedule_.next(now_), Task::claim);
}

TEST_F(ScheduleTest, BacksOffFromWhatFailsWithoutHoldingUpTheRest) {
  settle();
  for (int i = 1; i <= 12; ++i) EXPECT_EQ(schedule_.failed(Task::deliver, now_), i);
  schedule_.woken(now_);
  EXPECT_NE(schedule_.next(now_), Task::deliver);
  const auto done = run_until(now_ + seconds(30));
  EXPECT_GE(count(done, Task::deliver), 1);
  EXPECT_GE(count(done, Task::renew), 1);
  EXPECT_EQ(schedule_.failures(Task::deliver), 0);
}

TEST_F(ScheduleTest, TriesToRenewWellWithinALeaseHoweverOftenItFails) {
  settle();
  for (int i = 0; i < 50; ++i) {
    schedule_.failed(Task::renew, now_);
    now_ += seconds(5);
    EXPECT_EQ(schedule_.next(now_), Task::renew);
  }
}

TEST_F(ScheduleTest, LooksForLapsedLeasesAtThePaceOfPolling) {
  settle();
  EXPECT_TRUE(schedule_.looks_for_lapsed(now_));
  EXPECT_FALSE(schedule_.looks_for_lapsed(now_ + seconds(4)));
  EXPECT_TRUE(schedule_.looks_for_lapsed(now_ + seconds(5)));
}

TEST_F(ScheduleTest, LeavesOutWhatHasNoInterval) {
  ScheduleOptions options;
  options.progress_interval = options.cancel_interval = milliseconds(0);
  schedule_ = Schedule(options, random_);
  schedule_.connected(now_);
  const auto done = run_until(now_ + seconds(100));
  EXPECT_EQ(count(done, Task::publish_progress) + count(done, Task::watch_cancelled), 0);
  EXPECT_GT(count(done, Task::claim), 0);
}

TEST_F(ScheduleTest, TaskThatFailsOnAndOffIsToldOfOnceAndNowAndThen) {
  settle();
  int told = 0;
  for (int second = 0; second < 900; ++second) {
    now_ += seconds(1);
    schedule_.failed(Task::publish_progress, now_);
    told += schedule_.is_worth_telling(Task::publish_progress, now_) ? 1 : 0;
    schedule_.done(Task::publish_progress, now_);
  }
  EXPECT_EQ(told, 2);
  EXPECT_TRUE(schedule_.is_worth_telling(Task::claim, now_)) << "of each task on its own";
}

}  // namespace
}  // namespace vivid::sync
