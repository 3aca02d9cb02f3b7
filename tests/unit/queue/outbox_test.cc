#include <gmock/gmock.h>

#include "queue_fixture.h"

namespace vivid::queue {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OutboxTest : public QueueTest {
 protected:
  void add(NewJob job) { ASSERT_TRUE(submit(*queue_, std::move(job)).value().created); }
  void run(int number) {
    add(job_of(number));
    ASSERT_TRUE(complete(*queue_, claim_one().key).has_value());
  }
  std::int64_t settle_first(Verdict verdict, const std::string& error = "") {
    const OutboxRow row = queue_->outbox(1).value().front();
    EXPECT_TRUE(settle(*queue_, {{.seq = row.seq, .verdict = verdict, .error = error}}).has_value());
    return row.seq;
  }
};

TEST_F(OutboxTest, GivesOnlyRowsWithoutAVerdictInOrder) {
  run(1);
  settle_first(Verdict::applied);
  settle_first(Verdict::stale);
  EXPECT_THAT(outbox_lines(), ElementsAre("final"));
  EXPECT_EQ(queue_->counts().value().outbox_rows, 1);
  EXPECT_EQ(queue_->counts().value().oldest_outbox_at, clock_.now());
  settle_first(Verdict::local);
  EXPECT_EQ(queue_->counts().value().oldest_outbox_at, std::nullopt);
}

TEST_F(OutboxTest, SaysWhenAndWhichAttemptARowIsOf) {
  add(job_of(1, {"a", "b"}));
  ASSERT_TRUE(complete(*queue_, claim_one().key).has_value());
  clock_.advance(seconds(3));
  const Lease lease = claim_one();
  ASSERT_TRUE(ask<StageOutcome>([&](auto done) {
                queue_->rewind(lease.key, "a", {ErrorCode::data_corrupt, "a.json is gone"}, std::move(done));
              }).has_value());
  ASSERT_TRUE(complete(*queue_, claim_one().key).has_value());
  ASSERT_TRUE(complete(*queue_, claim_one().key).has_value());
  std::vector<std::string> rows;
  const std::vector<OutboxRow> all = queue_->outbox(10).value();
  for (const OutboxRow& row : all) rows.push_back(row.kind + row.stage + std::to_string(row.attempt));
  EXPECT_THAT(rows, ElementsAre("accepted0", "stagea1", "attemptb1", "stagea2", "stageb2", "final0"));
  EXPECT_EQ(all[1].created_at + seconds(3), all[2].created_at);
}

TEST_F(OutboxTest, TellsOfAttemptsThatAreFollowedByAnother) {
  add(job_of(1));
  const WallTime started = clock_.now();
  const Lease lease = claim_one();
  clock_.advance(seconds(2));
  const StageOutcome outcome = fail_with(*queue_, lease.key, ErrorCode::unavailable, "no answer").value();
  const OutboxRow row = queue_->outbox(10).value().back();
  const auto us = [](WallTime time) { return std::to_string(time.time_since_epoch().count()); };
  EXPECT_EQ(row.kind, "attempt");
  EXPECT_EQ(row.stage, "render");
  EXPECT_EQ(row.attempt, 1);
  EXPECT_EQ(row.body, R"({"attempt":1,"started_at_us":)" + us(started) + R"(,"finished_at_us":)" + us(clock_.now()) +
                          R"(,"retry_at_us":)" + us(*outcome.retry_at) +
                          R"(,"error_code":"unavailable","error_message":"no answer"})");
}

TEST_F(OutboxTest, TellsOfNoAttemptsWithoutAFenceNorOfSnoozes) {
  NewJob local = job_of(1);
  local.fence = 0;
  add(std::move(local));
  ASSERT_TRUE(fail_with(*queue_, claim_one().key, ErrorCode::unavailable).has_value());
  add(job_of(2));
  ASSERT_TRUE(snooze(*queue_, claim_one().key, clock_.now()).has_value());
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "accepted"));
}

TEST_F(OutboxTest, PassesOverAVerdictForWhatHasOneOrNeverWas) {
  run(1);
  const std::int64_t seq = settle_first(Verdict::quarantined, "22P02: not a number");
  ASSERT_TRUE(settle(*queue_, {{.seq = seq, .verdict = Verdict::applied, .error = {}},
                               {.seq = 9'999, .verdict = Verdict::applied, .error = {}}})
                  .has_value());
  EXPECT_EQ(queue_->quarantined_outbox(10).value().size(), 1U);
  EXPECT_THAT(outbox_lines(), ElementsAre("stage render", "final"));
}

TEST_F(OutboxTest, KeepsQuarantinedRowsForAnOperator) {
  run(1);
  clock_.advance(seconds(5));
  const std::int64_t first = settle_first(Verdict::quarantined, "22P02: not a number");
  const std::int64_t second = settle_first(Verdict::quarantined);
  const std::vector<QuarantinedRow> rows = queue_->quarantined_outbox(10).value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].row.seq, first);
  EXPECT_EQ(rows[0].row.kind, "accepted");
  EXPECT_EQ(rows[0].row.uid, uid_of(1));
  EXPECT_EQ(rows[0].settled_at, clock_.now());
  EXPECT_EQ(rows[0].error, "22P02: not a number");
  EXPECT_EQ(rows[1].error, "");
  EXPECT_EQ(queue_->counts().value().outbox_quarantined, 2);
  EXPECT_EQ(queue_->quarantined_outbox(1).value().size(), 1U);

  EXPECT_EQ(requeue_outbox(*queue_, second).value(), 1);
  EXPECT_EQ(queue_->outbox(1).value()[0].seq, second);
  EXPECT_EQ(requeue_outbox(*queue_, second).error().code, ErrorCode::not_found);
  EXPECT_EQ(requeue_outbox(*queue_, std::nullopt).value(), 1);
  EXPECT_EQ(requeue_outbox(*queue_, std::nullopt).value(), 0);
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "stage render", "final"));
}

TEST_F(OutboxTest, RequeuesEveryQuarantinedRowAlsoWhenThereAreMany) {
  for (int i = 1; i <= 450; ++i) queue_->submit(job_of(i), [](Result<SubmitResult>) {});
  ASSERT_TRUE(nothing_to_claim("render"));
  settle_all(*queue_, Verdict::quarantined);
  EXPECT_EQ(requeue_outbox(*queue_, std::nullopt).value(), 450);
}

TEST_F(OutboxTest, SendsAgainWhatAFailoverMayHaveLost) {
  run(1);
  settle_all(*queue_, Verdict::applied);
  clock_.advance(seconds(10));
  const WallTime failover = clock_.now();
  run(2);
  settle_first(Verdict::applied);
  settle_first(Verdict::stale);
  settle_first(Verdict::duplicate);
  run(3);
  EXPECT_EQ(resend(*queue_, failover).value(), 2);
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "final", "accepted", "stage render", "final"));
  EXPECT_EQ(queue_->outbox(1).value()[0].uid, uid_of(2));
  EXPECT_EQ(resend(*queue_, failover).value(), 0);
  EXPECT_EQ(resend(*queue_, WallTime{}).value(), 3);
}

TEST_F(OutboxTest, SendsAgainAlsoMoreThanOneTransactionHolds) {
  for (int i = 1; i <= 450; ++i) queue_->submit(job_of(i), [](Result<SubmitResult>) {});
  ASSERT_TRUE(nothing_to_claim("render"));
  const std::vector<OutboxRow> before = queue_->outbox(1'000).value();
  settle_all(*queue_, Verdict::applied);
  EXPECT_EQ(resend(*queue_, WallTime{}).value(), 450);
  const std::vector<OutboxRow> after = queue_->outbox(1'000).value();
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].seq, before[i].seq);
}

TEST_F(OutboxTest, DoesNotSendAgainWhatWasSaidAgainSince) {
  NewJob job = job_of(1);
  job.deadline = clock_.now() + seconds(1);
  add(std::move(job));
  clock_.advance(seconds(2));
  ASSERT_TRUE(nothing_to_claim());
  settle_all(*queue_, Verdict::applied);
  ASSERT_TRUE(requeue(*queue_, uid_of(1), 8).has_value());
  clock_.advance(seconds(2));
  // Ends as before, without another attempt: the same row once more.
  ASSERT_TRUE(nothing_to_claim());
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "stage render", "final"));
  EXPECT_EQ(resend(*queue_, WallTime{}).value(), 0);
  settle_all(*queue_, Verdict::applied);
  EXPECT_EQ(resend(*queue_, WallTime{}).value(), 3);
}

TEST_F(OutboxTest, ForgetsSettledRowsAfterADayButNotQuarantinedOnes) {
  run(2);
  settle_all(*queue_);
  add(job_of(1));
  settle_first(Verdict::quarantined);
  clock_.advance(hours(24));
  ASSERT_TRUE(prune(*queue_, hours(1), hours(1)).has_value());
  EXPECT_EQ(view(2).summary.state, JobState::completed) << "its rows may be wanted until the day is over";
  clock_.advance(seconds(1));
  EXPECT_EQ(prune(*queue_, hours(1), hours(1'000)).value(), 1);
  EXPECT_EQ(resend(*queue_, WallTime{}).value(), 0);
  EXPECT_EQ(queue_->quarantined_outbox(10).value().size(), 1U);
}

TEST_F(OutboxTest, KeepsAJobWithAQuarantinedRowAsLongAsADeadOne) {
  run(1);
  settle_first(Verdict::quarantined);
  settle_all(*queue_);
  clock_.advance(hours(25));
  EXPECT_EQ(prune(*queue_, hours(1), hours(100)).value(), 0);
  clock_.advance(hours(100));
  EXPECT_EQ(prune(*queue_, hours(1), hours(100)).value(), 1);
  EXPECT_THAT(queue_->quarantined_outbox(10).value(), IsEmpty());
  EXPECT_EQ(queue_->counts().value().outbox_quarantined, 0);
}

TEST_F(OutboxTest, PrunesMoreSettledRowsThanOneTransactionHolds) {
  for (int i = 1; i <= 1'500; ++i) queue_->submit(job_of(i), [](Result<SubmitResult>) {});
  ASSERT_TRUE(nothing_to_claim("render"));
  settle_all(*queue_, Verdict::applied);
  clock_.advance(hours(25));
  ASSERT_TRUE(prune(*queue_, hours(1), hours(1)).has_value());
  EXPECT_EQ(resend(*queue_, WallTime{}).value(), 0);
}

TEST_F(OutboxTest, NeverReusesTheNumberOfASettledRow) {
  run(1);
  const std::int64_t last = queue_->outbox(10).value().back().seq;
  settle_all(*queue_);
  reopen();
  add(job_of(2));
  EXPECT_GT(queue_->outbox(1).value()[0].seq, last);
}

TEST_F(OutboxTest, CallsTheListenerWhenThereAreRowsToSend) {
  std::atomic<int> calls{0};
  run(1);
  settle_all(*queue_, Verdict::applied);
  queue_->set_listener([&] { ++calls; });
  EXPECT_EQ(resend(*queue_, WallTime{}).value(), 3);
  // The listener comes after the answer; one more round trip is behind it.
  EXPECT_TRUE(nothing_to_claim());
  EXPECT_EQ(calls, 1);
  settle_all(*queue_, Verdict::quarantined);
  EXPECT_TRUE(nothing_to_claim());
  EXPECT_EQ(calls, 1) << "a verdict is no news for the sender";
  EXPECT_EQ(requeue_outbox(*queue_, std::nullopt).value(), 3);
  EXPECT_TRUE(nothing_to_claim());
  EXPECT_EQ(calls, 2);
  queue_.reset();
}

}  // namespace
}  // namespace vivid::queue
