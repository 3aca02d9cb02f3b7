#include <gmock/gmock.h>

#include "queue_fixture.h"

namespace vivid::queue {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OutcomeTest : public QueueTest {
 protected:
  void add(NewJob job) { ASSERT_TRUE(submit(*queue_, std::move(job)).value().created); }
  void wait_for_retry() { clock_.advance(options_.retry.maximum); }
};

TEST_F(OutcomeTest, RetriesATransientErrorUntilTheAttemptsRunOut) {
  add(job_of(1));
  for (int attempt = 1; attempt <= 2; ++attempt) {
    const Lease lease = claim_one();
    EXPECT_EQ(lease.key.attempt, attempt);
    const StageOutcome outcome = fail_with(*queue_, lease.key, ErrorCode::unavailable).value();
    EXPECT_EQ(outcome.stage_state, StageState::ready);
    ASSERT_TRUE(outcome.retry_at.has_value());
    EXPECT_LE(*outcome.retry_at, clock_.now() + options_.retry.maximum);
    wait_for_retry();
  }
  const StageOutcome last = fail_with(*queue_, claim_one().key, ErrorCode::unavailable).value();
  EXPECT_EQ(last.job_state, JobState::failed);
  EXPECT_EQ(view(1).attempts.size(), 3U);
  EXPECT_EQ(view(1).attempts.back().outcome, "unavailable");
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "attempt render", "attempt render", "stage render", "final"));
}

TEST_F(OutcomeTest, FailsAPermanentErrorAtOnce) {
  add(job_of(1, {"validation", "render"}));
  const StageOutcome outcome =
      fail_with(*queue_, claim_one().key, ErrorCode::invalid_input, "title is missing").value();
  EXPECT_EQ(outcome.job_state, JobState::failed);
  EXPECT_EQ(view(1).summary.error_message, "title is missing");
  EXPECT_EQ(view(1).stages[1].state, StageState::pending);
  EXPECT_TRUE(nothing_to_claim());
}

TEST_F(OutcomeTest, QuarantinesAJobThatKeepsKillingItsWorker) {
  add(job_of(1, {"script", "render"}));
  ASSERT_TRUE(fail_with(*queue_, claim_one().key, ErrorCode::worker_crashed).has_value());
  wait_for_retry();
  ASSERT_TRUE(complete(*queue_, claim_one().key).has_value());
  ASSERT_TRUE(fail_with(*queue_, claim_one().key, ErrorCode::worker_crashed).has_value());
  wait_for_retry();
  const Lease suspect = claim_one();
  EXPECT_EQ(suspect.crashes, 2);
  EXPECT_EQ(fail_with(*queue_, suspect.key, ErrorCode::worker_crashed, "signal 11").value().job_state,
            JobState::quarantined);
  EXPECT_THAT(view(1).summary.error_message, HasSubstr("signal 11"));
}

TEST_F(OutcomeTest, CountsCrashesApartFromFailures) {
  NewJob job = job_of(1);
  job.stages[0].limits.max_attempts = 1;
  add(std::move(job));
  EXPECT_EQ(fail_with(*queue_, claim_one().key, ErrorCode::worker_crashed).value().stage_state, StageState::ready);
  wait_for_retry();
  EXPECT_EQ(fail_with(*queue_, claim_one().key, ErrorCode::unavailable).value().job_state, JobState::failed);
}

TEST_F(OutcomeTest, AnswersLeaseLostToAnAttemptThatIsNotTheLiveOne) {
  add(job_of(1));
  const Lease old = claim_one();
  ASSERT_TRUE(fail_with(*queue_, old.key, ErrorCode::silence).has_value());
  wait_for_retry();
  const Lease current = claim_one();
  EXPECT_EQ(complete(*queue_, old.key).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(fail_with(*queue_, old.key, ErrorCode::internal).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(snooze(*queue_, old.key, clock_.now()).error().code, ErrorCode::lease_lost);
  EXPECT_TRUE(complete(*queue_, current.key).has_value());
  EXPECT_EQ(complete(*queue_, current.key).error().code, ErrorCode::lease_lost);
}

TEST_F(OutcomeTest, GivesTheAttemptBackOnSnoozeButNeverTheSameLease) {
  NewJob job = job_of(1);
  job.stages[0].limits.max_attempts = 1;
  add(std::move(job));
  const Lease first = claim_one();
  EXPECT_EQ(snooze(*queue_, first.key, clock_.now() + seconds(5)).value().retry_at, clock_.now() + seconds(5));
  EXPECT_TRUE(nothing_to_claim());
  clock_.advance(seconds(5));
  const Lease second = claim_one();
  EXPECT_NE(second.key.attempt, first.key.attempt);
  EXPECT_EQ(view(1).stages[0].attempts, 1);
  EXPECT_EQ(view(1).attempts[0].outcome, "snoozed");
  EXPECT_EQ(fail_with(*queue_, second.key, ErrorCode::unavailable).value().job_state, JobState::failed);
}

TEST_F(OutcomeTest, ReleasesAStageForDrainingAtOnce) {
  add(job_of(1));
  ASSERT_TRUE(snooze(*queue_, claim_one().key, clock_.now()).has_value());
  EXPECT_EQ(view(1).attempts[0].outcome, "released");
  claim_one();
}

TEST_F(OutcomeTest, GoesOnAfterANonCriticalStageFailed) {
  NewJob job = job_of(1, {"render", "notification", "cleanup"});
  job.stages[1].critical = false;
  add(std::move(job));
  ASSERT_TRUE(complete(*queue_, claim_one().key).has_value());
  const StageOutcome outcome = fail_with(*queue_, claim_one().key, ErrorCode::invalid_input).value();
  EXPECT_EQ(outcome.stage_state, StageState::failed);
  EXPECT_EQ(outcome.job_state, JobState::running);
  EXPECT_EQ(complete(*queue_, claim_one().key).value().job_state, JobState::completed);
  EXPECT_EQ(view(1).stages[1].error_code, "invalid_input");
}

TEST_F(OutcomeTest, PassesOverSkippedStages) {
  NewJob job = job_of(1, {"a", "b", "c", "d"});
  job.stages[0].skipped = job.stages[2].skipped = true;
  job.stages[3].skipped = true;
  add(std::move(job));
  const Lease lease = claim_one();
  EXPECT_EQ(lease.stage, "b");
  EXPECT_EQ(complete(*queue_, lease.key).value().job_state, JobState::completed);
  EXPECT_EQ(view(1).stages[2].state, StageState::skipped);
}

TEST_F(OutcomeTest, CompletesAJobWhoseStagesAreAllSkipped) {
  NewJob job = job_of(1);
  job.stages[0].skipped = true;
  EXPECT_EQ(submit(*queue_, std::move(job)).value().state, JobState::completed);
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "final"));
}

TEST_F(OutcomeTest, RefusesAResultThatIsNotJsonAndLeavesTheLease) {
  add(job_of(1));
  const Lease lease = claim_one();
  EXPECT_EQ(complete(*queue_, lease.key, "{oops").error().code, ErrorCode::invalid_input);
  EXPECT_TRUE(complete(*queue_, lease.key, "").has_value());
}

TEST_F(OutcomeTest, TellsNobodyWhenTheJobBelongsToAnotherHost) {
  add(job_of(1));
  EXPECT_EQ(fail_with(*queue_, claim_one().key, ErrorCode::lease_lost).value().job_state, JobState::cancelled);
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted"));
}

TEST_F(OutcomeTest, RecoversWhatAnEarlierDaemonLeftRunning) {
  add(job_of(1));
  const auto leases = claim(*queue_, "cpu", 1, {.pid = 4321, .start_ticks = 99}).value();
  EXPECT_TRUE(queue_->survivors().value().empty());
  EXPECT_EQ(recover(*queue_, leases[0].key).error().code, ErrorCode::invalid_input);
  reopen();
  const std::vector<Survivor> survivors = queue_->survivors().value();
  ASSERT_EQ(survivors.size(), 1U);
  EXPECT_EQ(survivors[0].holder.pid, 4321);
  EXPECT_EQ(survivors[0].holder.start_ticks, 99U);
  EXPECT_TRUE(nothing_to_claim());
  EXPECT_EQ(recover(*queue_, survivors[0].key).value().stage_state, StageState::ready);
  EXPECT_EQ(recover(*queue_, survivors[0].key).error().code, ErrorCode::lease_lost);
  EXPECT_TRUE(queue_->survivors().value().empty());
  wait_for_retry();
  EXPECT_EQ(claim_one().crashes, 1);
}

TEST_F(OutcomeTest, EndsACrashLoopOfTheDaemonItself) {
  add(job_of(1));
  for (int crash = 0; crash < 3; ++crash) {
    wait_for_retry();
    claim_one();
    reopen();
    const std::vector<Survivor> survivors = queue_->survivors().value();
    ASSERT_EQ(survivors.size(), 1U);
    ASSERT_TRUE(recover(*queue_, survivors[0].key).has_value());
  }
  EXPECT_EQ(view(1).summary.state, JobState::quarantined);
}

TEST_F(OutcomeTest, DoesNotWaitPastTheDeadlineToRetry) {
  NewJob job = job_of(1);
  job.deadline = clock_.now() + std::chrono::milliseconds(1);
  const WallTime deadline = *job.deadline;
  add(std::move(job));
  EXPECT_LE(*fail_with(*queue_, claim_one().key, ErrorCode::unavailable).value().retry_at, deadline);
}

}  // namespace
}  // namespace vivid::queue
