#include <gmock/gmock.h>

#include "queue_fixture.h"

namespace vivid::queue {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OperateTest : public QueueTest {
 protected:
  void add(NewJob job) { ASSERT_TRUE(submit(*queue_, std::move(job)).value().created); }
  void run(int number) {
    add(job_of(number));
    ASSERT_TRUE(complete(*queue_, claim_one().key).has_value());
  }
};

TEST_F(OperateTest, CancelsAWaitingJobAtOnce) {
  add(job_of(1, {"a", "b"}));
  EXPECT_EQ(cancel(*queue_, uid_of(1)).value(), CancelResult::cancelled);
  EXPECT_TRUE(nothing_to_claim());
  EXPECT_EQ(view(1).summary.state, JobState::cancelled);
  EXPECT_EQ(view(1).stages[1].state, StageState::cancelled);
  EXPECT_EQ(cancel(*queue_, uid_of(1)).value(), CancelResult::already_final);
  EXPECT_EQ(cancel(*queue_, uid_of(2)).value(), CancelResult::not_found);
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "final"));
}

TEST_F(OperateTest, CancelsADelayedJob) {
  NewJob job = job_of(1);
  job.run_at = clock_.now() + seconds(60);
  add(std::move(job));
  EXPECT_EQ(cancel(*queue_, uid_of(1)).value(), CancelResult::cancelled);
  EXPECT_EQ(queue_->next_run_at().value(), std::nullopt);
  EXPECT_EQ(queue_->counts().value().lanes[0].delayed, 0);
}

TEST_F(OperateTest, MarksARunningJobAndLetsItsRunnerEndIt) {
  add(job_of(1, {"a", "b"}));
  const Lease lease = claim_one();
  EXPECT_EQ(cancel(*queue_, uid_of(1)).value(), CancelResult::cancel_requested);
  EXPECT_THAT(queue_->cancel_requested().value(), ElementsAre(uid_of(1)));
  EXPECT_EQ(fail_with(*queue_, lease.key, ErrorCode::cancelled).value().job_state, JobState::cancelled);
  EXPECT_THAT(queue_->cancel_requested().value(), IsEmpty());
}

TEST_F(OperateTest, StopsACancelledJobWhoseStageCompletedMeanwhile) {
  add(job_of(1, {"a", "b"}));
  const Lease lease = claim_one();
  ASSERT_TRUE(cancel(*queue_, uid_of(1)).has_value());
  EXPECT_EQ(complete(*queue_, lease.key).value().job_state, JobState::cancelled);
  EXPECT_TRUE(nothing_to_claim());
}

TEST_F(OperateTest, JobWhoseRemainingStagesWereSkippedIsCompletedDespiteACancel) {
  NewJob job = job_of(1, {"a", "b"});
  job.stages[1].skipped = true;
  add(std::move(job));
  const Lease lease = claim_one();
  ASSERT_EQ(cancel(*queue_, uid_of(1)).value(), CancelResult::cancel_requested);
  EXPECT_EQ(complete(*queue_, lease.key).value().job_state, JobState::completed);
}

TEST_F(OperateTest, RequeuesFromTheFirstUnfinishedStageWithFreshAttempts) {
  add(job_of(1, {"a", "b"}));
  ASSERT_TRUE(complete(*queue_, claim_one().key, R"({"kept":true})").has_value());
  const Lease failed = claim_one();
  ASSERT_TRUE(fail_with(*queue_, failed.key, ErrorCode::invalid_input).has_value());
  EXPECT_EQ(requeue(*queue_, uid_of(1)).value().current_stage, "b");
  EXPECT_EQ(view(1).stages[1].attempts, 0);
  EXPECT_EQ(view(1).summary.error_code, "");
  const Lease again = claim_one();
  EXPECT_EQ(again.stage, "b");
  EXPECT_EQ(complete(*queue_, failed.key).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(complete(*queue_, again.key).value().job_state, JobState::completed);
  EXPECT_EQ(queue_->stage_results(uid_of(1)).value()[0].second, R"({"kept":true})");
  // How the first attempt ended stays told; that the job had failed does not.
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "stage a", "stage b", "stage b", "final"));
}

TEST_F(OperateTest, RequeuesOnlyWhatIsDeadOrCancelled) {
  run(1);
  EXPECT_EQ(requeue(*queue_, uid_of(1)).error().code, ErrorCode::not_found);
  EXPECT_EQ(requeue(*queue_, uid_of(2)).error().code, ErrorCode::not_found);
  add(job_of(3));
  EXPECT_EQ(requeue(*queue_, uid_of(3)).error().code, ErrorCode::not_found);
  ASSERT_TRUE(cancel(*queue_, uid_of(3)).has_value());
  EXPECT_EQ(requeue(*queue_, uid_of(3)).value().state, JobState::queued);
}

TEST_F(OperateTest, GivesARequeuedJobItsTimeLimitAgain) {
  NewJob job = job_of(1);
  job.deadline = clock_.now() + seconds(10);
  add(std::move(job));
  clock_.advance(seconds(11));
  EXPECT_TRUE(nothing_to_claim());
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(requeue(*queue_, uid_of(1)).has_value());
    EXPECT_EQ(view(1).deadline, clock_.now() + seconds(10));
    clock_.advance(seconds(11));
    EXPECT_TRUE(nothing_to_claim());
  }
}

TEST_F(OperateTest, RequeuesEveryDeadJobAlsoWhenThereAreMany) {
  const int count = 450;
  for (int i = 1; i <= count; ++i) {
    NewJob job = job_of(i);
    job.fence = 0;
    job.deadline = clock_.now() + seconds(1);
    queue_->submit(std::move(job), [](Result<SubmitResult>) {});
  }
  clock_.advance(seconds(2));
  while (queue_->counts().value().lanes.empty() || queue_->counts().value().lanes[0].ready > 0) {
    ASSERT_TRUE(nothing_to_claim());
  }
  EXPECT_EQ(requeue_dead(*queue_).value(), count);
  EXPECT_EQ(queue_->counts().value().lanes[0].ready, count);
  EXPECT_EQ(requeue_dead(*queue_).value(), 0);
}

TEST_F(OperateTest, PrunesOldFinalJobsThatNoOutboxRowNeeds) {
  run(1);
  settle_all(*queue_);
  run(2);
  clock_.advance(hours(25));
  run(3);
  EXPECT_EQ(prune(*queue_, hours(24), hours(24)).value(), 1);
  EXPECT_EQ(queue_->find(uid_of(1)).value(), std::nullopt);
  EXPECT_EQ(view(2).summary.state, JobState::completed);
  settle_all(*queue_);
  EXPECT_EQ(prune(*queue_, hours(24), hours(24)).value(), 0) << "what was settled just now may be wanted again";
  clock_.advance(hours(23));
  run(4);
  clock_.advance(hours(2));
  EXPECT_EQ(prune(*queue_, hours(48), hours(48)).value(), 1);
  EXPECT_EQ(view(3).summary.state, JobState::completed);
}

TEST_F(OperateTest, KeepsDeadJobsLonger) {
  add(job_of(1));
  ASSERT_TRUE(fail_with(*queue_, claim_one().key, ErrorCode::invalid_input).has_value());
  settle_all(*queue_);
  clock_.advance(hours(25));
  EXPECT_EQ(prune(*queue_, hours(24), hours(100)).value(), 0);
  clock_.advance(hours(100));
  EXPECT_EQ(prune(*queue_, hours(24), hours(100)).value(), 1);
}

TEST_F(OperateTest, ReadsOfOneJobAgreeWithTheWhole) {
  run(1);
  add(job_of(2));
  for (const int number : {1, 2}) {
    EXPECT_EQ(queue_->state_of(uid_of(number)).value(), view(number).summary.state);
    EXPECT_EQ(queue_->summary(uid_of(number)).value()->created_at, view(number).summary.created_at);
  }
  EXPECT_EQ(queue_->state_of(uid_of(3)).value(), std::nullopt);
  EXPECT_FALSE(queue_->summary(uid_of(3)).value().has_value());
}

TEST_F(OperateTest, FindsIdsByTheirBeginning) {
  for (const int number : {1, 2, 10}) add(job_of(number));
  EXPECT_THAT(queue_->uids_beginning_with(uid_of(10).substr(0, 35), 2).value(), ElementsAre(uid_of(10)));
  EXPECT_THAT(queue_->uids_beginning_with("0000", 2).value(), ElementsAre(uid_of(1), uid_of(2)));
  EXPECT_THAT(queue_->uids_beginning_with("ffff", 2).value(), ElementsAre());
}

TEST_F(OperateTest, ListsNewestFirstByStateAndPage) {
  run(1);
  add(job_of(2));
  ASSERT_TRUE(fail_with(*queue_, claim_one().key, ErrorCode::invalid_input).has_value());
  add(job_of(3));
  add(job_of(4));
  const auto uids = [&](const ListFilter& filter) {
    std::vector<std::string> all;
    const std::vector<JobSummary> jobs = queue_->list(filter).value();
    for (const JobSummary& job : jobs) all.push_back(job.uid);
    return all;
  };
  EXPECT_THAT(uids({}), ElementsAre(uid_of(4), uid_of(3), uid_of(2), uid_of(1)));
  EXPECT_THAT(uids({.states = {JobState::failed, JobState::completed}, .limit = 10}),
              ElementsAre(uid_of(2), uid_of(1)));
  EXPECT_THAT(uids({.states = {}, .limit = 2}), ElementsAre(uid_of(4), uid_of(3)));
  const std::int64_t third = view(3).summary.job_id;
  EXPECT_THAT(uids({.states = {}, .limit = 2, .before_job_id = third}), ElementsAre(uid_of(2), uid_of(1)));
}

TEST_F(OperateTest, CountsJobsAndLanes) {
  run(1);
  add(job_of(2));
  add(job_of(3));
  claim_one();
  const Counts counts = queue_->counts().value();
  EXPECT_EQ(counts.jobs[static_cast<std::size_t>(JobState::completed)].second, 1);
  EXPECT_EQ(counts.jobs[static_cast<std::size_t>(JobState::running)].second, 1);
  EXPECT_EQ(counts.jobs[static_cast<std::size_t>(JobState::queued)].second, 1);
  ASSERT_EQ(counts.lanes.size(), 1U);
  EXPECT_EQ(counts.lanes[0].ready, 1);
  EXPECT_EQ(counts.lanes[0].in_progress, 1);
  EXPECT_EQ(counts.oldest_ready_since, clock_.now());
  EXPECT_EQ(counts.outbox_rows, 5);
}

}  // namespace
}  // namespace vivid::queue
