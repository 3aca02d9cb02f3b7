#include "queue/job_queue.h"

#include <gmock/gmock.h>

#include "queue_fixture.h"

namespace vivid::queue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using JobQueueTest = QueueTest;

TEST_F(JobQueueTest, RunsAJobStageByStageToItsEnd) {
  ASSERT_TRUE(submit(*queue_, job_of(1, {"script", "render"})).value().created);
  const Lease first = claim_one();
  EXPECT_EQ(first.stage, "script");
  EXPECT_EQ(first.uid, uid_of(1));
  EXPECT_EQ(first.fence, 7);
  EXPECT_EQ(first.payload, R"({"number":1})");
  EXPECT_TRUE(nothing_to_claim());
  const StageOutcome outcome = complete(*queue_, first.key, R"({"a":1})").value();
  EXPECT_EQ(outcome.stage_state, StageState::completed);
  EXPECT_EQ(outcome.job_state, JobState::running);
  const Lease second = claim_one();
  EXPECT_EQ(second.stage, "render");
  EXPECT_EQ(complete(*queue_, second.key, R"({"b":2})").value().job_state, JobState::completed);

  EXPECT_EQ(view(1).summary.state, JobState::completed);
  EXPECT_THAT(queue_->stage_results(uid_of(1)).value(),
              ElementsAre(std::pair<std::string, std::string>("script", R"({"a":1})"),
                          std::pair<std::string, std::string>("render", R"({"b":2})")));
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted", "stage script", "stage render", "final"));
}

TEST_F(JobQueueTest, TakesTheSameRequestTwiceAsOneJob) {
  const SubmitResult first = submit(*queue_, job_of(1)).value();
  NewJob again = job_of(1, {"other"});
  const SubmitResult second = submit(*queue_, std::move(again)).value();
  EXPECT_FALSE(second.created);
  EXPECT_EQ(second.job_id, first.job_id);
  EXPECT_EQ(second.state, JobState::queued);
  EXPECT_EQ(view(1).stages.front().name, "render");
  EXPECT_THAT(outbox_lines(), ElementsAre("accepted"));
}

TEST_F(JobQueueTest, KeepsBigPayloadsWhole) {
  NewJob job = job_of(1);
  job.payload = std::string(100'000, 'x');
  ASSERT_TRUE(submit(*queue_, job).has_value());
  EXPECT_EQ(claim_one().payload, job.payload);
  EXPECT_EQ(view(1).payload, job.payload);
}

TEST_F(JobQueueTest, RefusesAJobThatNamesNoUuid) {
  NewJob job = job_of(1);
  job.uid = "test-smoke-002";
  const auto refused = submit(*queue_, std::move(job));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
  EXPECT_THAT(refused.error().message, HasSubstr("test-smoke-002"));
}

}  // namespace
}  // namespace vivid::queue
