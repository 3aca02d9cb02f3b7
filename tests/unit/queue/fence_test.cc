// What a claim of the central database does to jobs that are here: fences, requeues, leases that are gone.
#include <gmock/gmock.h>

#include "queue_fixture.h"

namespace vivid::queue {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FenceTest : public QueueTest {
 protected:
  static NewJob fenced(int number, std::int64_t fence, const std::vector<std::string>& stages = {"script", "render"}) {
    NewJob job = job_of(number, stages);
    job.fence = fence;
    return job;
  }
  void add(NewJob job) { ASSERT_TRUE(submit(*queue_, std::move(job)).value().created); }
  void fail_one() { ASSERT_TRUE(fail_with(*queue_, claim_one().key, ErrorCode::invalid_input).has_value()); }
  std::vector<std::int64_t> seqs() {
    std::vector<std::int64_t> numbers;
    const std::vector<OutboxRow> rows = queue_->outbox(100).value();
    for (const OutboxRow& row : rows) numbers.push_back(row.seq);
    return numbers;
  }
};

TEST_F(FenceTest, StartsAFinalJobAfreshUnderAHigherFence) {
  NewJob big = fenced(1, 1);
  big.payload = '"' + std::string(2'000, 'x') + '"';
  add(std::move(big));
  ASSERT_TRUE(complete(*queue_, claim_one().key).has_value());
  const Lease old = claim_one();
  ASSERT_TRUE(fail_with(*queue_, old.key, ErrorCode::invalid_input).has_value());
  settle_all(*queue_);
  const SubmitResult again = submit(*queue_, fenced(1, 2, {"only"})).value();
  EXPECT_TRUE(again.created);
  EXPECT_FALSE(again.fence_raised);
  EXPECT_EQ(view(1).summary.state, JobState::queued);
  EXPECT_EQ(view(1).summary.fence, 2);
  EXPECT_EQ(view(1).summary.error_code, "");
  EXPECT_EQ(view(1).payload, R"({"number":1})");
  EXPECT_EQ(view(1).stages.size(), 1U);
  EXPECT_THAT(view(1).attempts, IsEmpty());
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted"));
  EXPECT_EQ(resend(*queue_, WallTime{}).value(), 0) << "nothing of the old one is left to be sent";
  EXPECT_EQ(complete(*queue_, old.key).error().code, ErrorCode::lease_lost);
  const Counts counts = queue_->counts().value();
  EXPECT_EQ(counts.jobs[static_cast<std::size_t>(JobState::queued)].second, 1);
  EXPECT_EQ(counts.jobs[static_cast<std::size_t>(JobState::failed)].second, 0);
  EXPECT_EQ(complete(*queue_, claim_one().key).value().job_state, JobState::completed);
}

TEST_F(FenceTest, KeepsAFinalJobUntilItsRowsHaveAVerdict) {
  add(fenced(1, 1));
  fail_one();
  const auto early = submit(*queue_, fenced(1, 2));
  ASSERT_FALSE(early.has_value());
  EXPECT_EQ(early.error().code, ErrorCode::unavailable);
  EXPECT_THAT(early.error().message, HasSubstr("not delivered"));
  EXPECT_EQ(view(1).summary.state, JobState::failed);
  settle_all(*queue_, Verdict::quarantined);
  EXPECT_TRUE(submit(*queue_, fenced(1, 2)).value().created);
  EXPECT_THAT(queue_->quarantined_outbox(10).value(), IsEmpty());
}

TEST_F(FenceTest, RaisesTheFenceOfAJobThatGoesOn) {
  add(fenced(1, 1));
  ASSERT_TRUE(complete(*queue_, claim_one().key, R"({"kept":true})").has_value());
  const Lease running = claim_one();
  const SubmitResult raised = submit(*queue_, fenced(1, 3, {"other"})).value();
  EXPECT_FALSE(raised.created);
  EXPECT_TRUE(raised.fence_raised);
  EXPECT_EQ(raised.job_id, running.job_id);
  EXPECT_EQ(raised.state, JobState::running);
  EXPECT_EQ(view(1).summary.fence, 3);
  EXPECT_EQ(complete(*queue_, running.key).value().job_state, JobState::completed);
  EXPECT_EQ(queue_->stage_results(uid_of(1)).value()[0].second, R"({"kept":true})");
  EXPECT_EQ(queue_->outbox(1).value()[0].fence, 3);
}

TEST_F(FenceTest, ChangesNothingForTheSameOrALowerFence) {
  add(fenced(1, 2));
  for (const std::int64_t fence : {0, 1, 2}) {
    const SubmitResult again = submit(*queue_, fenced(1, fence)).value();
    EXPECT_FALSE(again.created || again.fence_raised);
  }
  EXPECT_EQ(view(1).summary.fence, 2);
  EXPECT_THAT(seqs(), ElementsAre(1));
  EXPECT_EQ(submit(*queue_, fenced(2, -1)).error().code, ErrorCode::invalid_input);
}

TEST_F(FenceTest, TellsAgainUnderTheNewFenceWhatWasToldUnderTheOld) {
  add(fenced(1, 1));
  ASSERT_TRUE(fail_with(*queue_, claim_one().key, ErrorCode::unavailable).has_value());
  settle_all(*queue_);
  clock_.advance(options_.retry.maximum);
  ASSERT_TRUE(complete(*queue_, claim_one().key).has_value());
  const std::vector<std::int64_t> sent = seqs();
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_TRUE(submit(*queue_, fenced(1, 2)).value().fence_raised);
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "stage script")) << "the attempt is history";
  // The verdict that was on its way for the old fence says nothing about the new one.
  ASSERT_TRUE(settle(*queue_, {{.seq = sent[0], .verdict = Verdict::stale, .error = {}}}).has_value());
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "stage script"));
}

TEST_F(FenceTest, TurnsALocalJobIntoARequestOfTheCentralDatabase) {
  add(fenced(1, 0));
  settle_all(*queue_, Verdict::local);
  EXPECT_THAT(queue_->held().value(), IsEmpty());
  EXPECT_TRUE(submit(*queue_, fenced(1, 1)).value().fence_raised);
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted"));
  EXPECT_EQ(queue_->held().value().size(), 1U);
}

TEST_F(FenceTest, WaitsForAJobThatIsBeingCancelled) {
  add(fenced(1, 1));
  const Lease lease = claim_one();
  ASSERT_EQ(cancel(*queue_, uid_of(1)).value(), CancelResult::cancel_requested);
  EXPECT_EQ(submit(*queue_, fenced(1, 2)).error().code, ErrorCode::unavailable);
  ASSERT_TRUE(fail_with(*queue_, lease.key, ErrorCode::cancelled).has_value());
  settle_all(*queue_);
  EXPECT_TRUE(submit(*queue_, fenced(1, 2)).value().created);
}

TEST_F(FenceTest, KeepsTheReasonOfACancel) {
  add(fenced(1, 1));
  const Lease lease = claim_one();
  const Error reason{ErrorCode::cancelled, "the student left"};
  ASSERT_TRUE(cancel(*queue_, uid_of(1), reason).has_value());
  EXPECT_EQ(view(1).summary.error_message, "the student left");
  ASSERT_EQ(cancel(*queue_, uid_of(1), {ErrorCode::lease_lost, "later"}).value(), CancelResult::cancel_requested);
  reopen();
  ASSERT_TRUE(recover(*queue_, lease.key).has_value());
  EXPECT_EQ(view(1).summary.state, JobState::cancelled);
  EXPECT_EQ(view(1).summary.error_message, "the student left");
  EXPECT_THAT(queue_->outbox(10).value().back().body, HasSubstr("the student left"));
}

TEST_F(FenceTest, ForgetsTheReasonWhenTheJobCompletesAllTheSame) {
  add(fenced(1, 1, {"only"}));
  const Lease lease = claim_one();
  ASSERT_TRUE(cancel(*queue_, uid_of(1), {ErrorCode::cancelled, "too late"}).has_value());
  EXPECT_EQ(complete(*queue_, lease.key).value().job_state, JobState::completed);
  EXPECT_EQ(view(1).summary.error_code, "");
  EXPECT_EQ(view(1).summary.error_message, "");
}

TEST_F(FenceTest, TellsNobodyOfTheEndWhenTheCentralLeaseIsGone) {
  const Error gone{ErrorCode::lease_lost, "another host holds the request"};
  add(fenced(1, 1));
  const Lease lease = claim_one();
  add(fenced(2, 1));
  EXPECT_EQ(cancel(*queue_, uid_of(1), gone).value(), CancelResult::cancel_requested);
  EXPECT_EQ(cancel(*queue_, uid_of(2), gone).value(), CancelResult::cancelled);
  EXPECT_EQ(fail_with(*queue_, lease.key, ErrorCode::cancelled).value().job_state, JobState::cancelled);
  for (const int number : {1, 2}) {
    EXPECT_EQ(view(number).summary.state, JobState::cancelled);
    EXPECT_EQ(view(number).summary.error_code, "lease_lost");
    EXPECT_EQ(view(number).summary.error_message, "another host holds the request");
  }
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "accepted"));
}

TEST_F(FenceTest, RequeuesWithoutANewFenceOnlyUntilTheEndIsKnown) {
  add(fenced(1, 1));
  fail_one();
  ASSERT_TRUE(requeue(*queue_, uid_of(1)).has_value());
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "stage script")) << "it has not failed after all";
  fail_one();
  settle_all(*queue_);
  const auto refused = requeue(*queue_, uid_of(1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_THAT(refused.error().message, HasSubstr("central database"));
  EXPECT_EQ(requeue(*queue_, uid_of(1), 1).error().code, ErrorCode::invalid_input);
  EXPECT_EQ(requeue(*queue_, uid_of(1), 2).value().fence, 2);
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "stage script", "stage script"));
  EXPECT_EQ(claim_one().fence, 2);
}

TEST_F(FenceTest, StillRefusesWhenTheSettledEndWasPruned) {
  add(fenced(1, 1));
  fail_one();
  settle_all(*queue_);
  clock_.advance(hours(25));
  ASSERT_TRUE(prune(*queue_, hours(100), hours(100)).has_value());
  EXPECT_EQ(requeue(*queue_, uid_of(1)).error().code, ErrorCode::unsupported);
}

TEST_F(FenceTest, RequeuesAJobWhoseEndTheCentralDatabaseRefused) {
  add(fenced(1, 1));
  fail_one();
  settle_all(*queue_, Verdict::quarantined);
  EXPECT_TRUE(requeue(*queue_, uid_of(1)).has_value());
}

TEST_F(FenceTest, RequeuesOfAllDeadNoneThatTheCentralDatabaseDecidesOf) {
  for (const int number : {1, 2, 3}) {
    add(fenced(number, number == 2 ? 0 : 1));
    fail_one();
    if (number == 2) settle_all(*queue_);
  }
  EXPECT_EQ(requeue_dead(*queue_).value(), 1);
  EXPECT_EQ(view(1).summary.state, JobState::failed);
  EXPECT_EQ(view(2).summary.state, JobState::queued);
  EXPECT_EQ(view(3).summary.state, JobState::failed) << "its end may have arrived there, unconfirmed";
}

TEST_F(FenceTest, NamesWhatThisHostAnswersFor) {
  add(fenced(1, 5));
  fail_one();
  add(fenced(2, 6));
  const Lease lease = claim_one();
  ASSERT_TRUE(cancel(*queue_, uid_of(2)).has_value());
  add(fenced(3, 0));
  std::vector<HeldRequest> held = queue_->held().value();
  ASSERT_EQ(held.size(), 2U);
  EXPECT_EQ(held[0].uid, uid_of(2));
  EXPECT_EQ(held[0].fence, 6);
  EXPECT_EQ(held[0].state, JobState::running);
  EXPECT_TRUE(held[0].cancel_requested);
  EXPECT_FALSE(held[0].final_unsettled);
  EXPECT_EQ(held[1].uid, uid_of(1));
  EXPECT_EQ(held[1].state, JobState::failed);
  EXPECT_TRUE(held[1].final_unsettled);
  settle_all(*queue_);
  held = queue_->held().value();
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].uid, uid_of(2));
  ASSERT_TRUE(fail_with(*queue_, lease.key, ErrorCode::cancelled).has_value());
  settle_all(*queue_);
  EXPECT_THAT(queue_->held().value(), IsEmpty());
}

TEST_F(FenceTest, AnswersForAJobWhoseEndTheCentralDatabaseRefused) {
  add(fenced(1, 5, {"script"}));
  ASSERT_EQ(complete(*queue_, claim_one().key).value().job_state, JobState::completed);
  settle_all(*queue_, Verdict::quarantined);
  const std::vector<HeldRequest> held = queue_->held().value();
  ASSERT_EQ(held.size(), 1U) << "given back, it would be made again and refused again";
  EXPECT_EQ(held[0].uid, uid_of(1));
  EXPECT_TRUE(held[0].final_unsettled);
}

}  // namespace
}  // namespace vivid::queue
