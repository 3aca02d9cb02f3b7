#include <gmock/gmock.h>

#include "queue_fixture.h"

namespace vivid::queue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

class ClaimTest : public QueueTest {
 protected:
  void add(int number, int priority) {
    NewJob job = job_of(number);
    job.priority = priority;
    ASSERT_TRUE(submit(*queue_, std::move(job)).has_value());
  }
  std::vector<std::string> claim_uids(int limit) {
    std::vector<std::string> uids;
    const std::vector<Lease> leases = claim(*queue_, "cpu", limit).value();
    for (const Lease& lease : leases) uids.push_back(lease.uid);
    return uids;
  }
};

TEST_F(ClaimTest, HandsOutHigherPriorityFirstThenTheOlder) {
  add(1, 5);
  add(2, 5);
  add(3, 9);
  add(4, 0);
  EXPECT_THAT(claim_uids(10), ElementsAre(uid_of(3), uid_of(1), uid_of(2), uid_of(4)));
}

TEST_F(ClaimTest, LetsALowPriorityOvertakeWhatCameMuchLater) {
  add(1, 0);
  clock_.advance(options_.priority_step * 9 + seconds(1));
  add(2, 9);
  EXPECT_THAT(claim_uids(10), ElementsAre(uid_of(1), uid_of(2)));
}

TEST_F(ClaimTest, ReordersWhenThePriorityIsChanged) {
  add(1, 5);
  add(2, 5);
  EXPECT_EQ(set_priority(*queue_, uid_of(2), 6).value().priority, 6);
  EXPECT_THAT(claim_uids(10), ElementsAre(uid_of(2), uid_of(1)));
  EXPECT_EQ(set_priority(*queue_, uid_of(2), 10).error().code, ErrorCode::invalid_input);
  EXPECT_EQ(set_priority(*queue_, uid_of(9), 1).error().code, ErrorCode::not_found);
}

TEST_F(ClaimTest, SkipsAJobWithALiveLease) {
  add(1, 5);
  claim_one();
  EXPECT_TRUE(nothing_to_claim());
}

TEST_F(ClaimTest, LeavesOtherLanesAlone) {
  add(1, 5);
  EXPECT_TRUE(nothing_to_claim("render"));
  EXPECT_EQ(claim_one("cpu").uid, uid_of(1));
}

TEST_F(ClaimTest, WaitsForRunAt) {
  NewJob job = job_of(1);
  job.run_at = clock_.now() + seconds(30);
  const WallTime run_at = job.run_at;
  ASSERT_TRUE(submit(*queue_, std::move(job)).has_value());
  EXPECT_TRUE(nothing_to_claim());
  EXPECT_EQ(queue_->next_run_at().value(), run_at);
  EXPECT_EQ(queue_->counts().value().lanes.front().delayed, 1);
  clock_.advance(seconds(30));
  EXPECT_EQ(queue_->counts().value().lanes.front().ready, 1);
  const Lease lease = claim_one();
  EXPECT_EQ(lease.ready_since, run_at);
  EXPECT_EQ(queue_->next_run_at().value(), std::nullopt);
}

TEST_F(ClaimTest, FailsAJobPastItsDeadlineInsteadOfLeasingIt) {
  NewJob late = job_of(1);
  late.deadline = clock_.now() + seconds(10);
  ASSERT_TRUE(submit(*queue_, std::move(late)).has_value());
  clock_.advance(seconds(10));
  add(2, 5);
  EXPECT_EQ(claim_one().uid, uid_of(2));
  EXPECT_EQ(view(1).summary.state, JobState::failed);
  EXPECT_EQ(view(1).summary.error_code, "overall_deadline");
  EXPECT_EQ(view(1).summary.error_stage, "render");
}

TEST_F(ClaimTest, ClaimsNothingFromAPausedLaneEvenAfterARestart) {
  add(1, 5);
  ASSERT_TRUE(pause(*queue_, "cpu").has_value());
  EXPECT_TRUE(nothing_to_claim());
  reopen();
  EXPECT_THAT(queue_->paused_lanes().value(), ElementsAre("cpu"));
  EXPECT_TRUE(nothing_to_claim());
  ASSERT_TRUE(resume(*queue_, "cpu").has_value());
  claim_one();
}

TEST_F(ClaimTest, PausesAndResumesAllLanesByTheEmptyName) {
  add(1, 5);
  ASSERT_TRUE(pause(*queue_, "").has_value());
  ASSERT_TRUE(pause(*queue_, "net").has_value());
  EXPECT_TRUE(nothing_to_claim());
  EXPECT_EQ(resume(*queue_, "cpu").error().code, ErrorCode::invalid_input);
  EXPECT_TRUE(nothing_to_claim());
  ASSERT_TRUE(resume(*queue_, "").has_value());
  EXPECT_TRUE(queue_->paused_lanes().value().empty());
  claim_one();
}

TEST_F(ClaimTest, CallsTheListenerWhenWorkAppears) {
  std::atomic<int> calls{0};
  queue_->set_listener([&] { ++calls; });
  add(1, 5);
  // The listener comes after the answer; one more round trip is behind it.
  const Lease lease = claim_one();
  EXPECT_EQ(calls, 1);
  ASSERT_TRUE(complete(*queue_, lease.key).has_value());
  EXPECT_TRUE(nothing_to_claim());
  EXPECT_EQ(calls, 2);
  queue_.reset();
}

TEST_F(ClaimTest, TakesAnotherListenerWhileItWorks) {
  constexpr int kJobs = 50;
  std::vector<std::promise<void>> answered(kJobs);
  for (int i = 0; i < kJobs; ++i) {
    queue_->submit(job_of(i + 1), [&promise = answered[i]](const Result<SubmitResult>&) { promise.set_value(); });
    queue_->set_listener([] {});
  }
  for (std::promise<void>& promise : answered) promise.get_future().wait();
  std::atomic<int> calls{0};
  queue_->set_listener([&] { ++calls; });
  add(kJobs + 1, 5);
  claim_one();
  EXPECT_GE(calls, 1);
  queue_.reset();
}

}  // namespace
}  // namespace vivid::queue
