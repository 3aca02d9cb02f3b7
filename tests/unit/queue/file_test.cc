#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>
#include <thread>

#include "queue_fixture.h"

namespace vivid::queue {
namespace {

using ::testing::HasSubstr;

class FileTest : public QueueTest {
 protected:
  void run_sql(const std::string& sql) {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(options_.path.c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }
};

TEST_F(FileTest, RefusesASecondOwner) {
  const auto second = JobQueue::open(options_, clock_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
  EXPECT_THAT(second.error().message, HasSubstr("in use"));
  EXPECT_TRUE(submit(*queue_, job_of(1)).has_value());
}

TEST_F(FileTest, RefusesAFileOfANewerVersionAndLeavesIt) {
  queue_.reset();
  run_sql("UPDATE meta SET value = '99' WHERE key = 'schema_version'");
  const auto refused = JobQueue::open(options_, clock_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_THAT(refused.error().message, HasSubstr("version 99"));
}

TEST_F(FileTest, RefusesSomebodyElsesDatabase) {
  queue_.reset();
  options_.path = folder_.path() / "other.db";
  run_sql("CREATE TABLE theirs (a)");
  const auto refused = JobQueue::open(options_, clock_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
}

TEST_F(FileTest, RefusesAFileThatIsNoDatabase) {
  options_.path = folder_.path() / "text.db";
  std::ofstream(options_.path) << std::string(4096, 'x');
  const auto refused = JobQueue::open(options_, clock_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::data_corrupt);
}

TEST_F(FileTest, NamesTheFolderThatIsMissing) {
  options_.path = folder_.path() / "missing" / "queue.db";
  const auto refused = JobQueue::open(options_, clock_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  EXPECT_THAT(refused.error().message, HasSubstr("missing"));
}

TEST_F(FileTest, FinishesWhatWasPostedBeforeItCloses) {
  std::atomic<int> answered{0};
  for (int i = 1; i <= 2000; ++i) {
    queue_->submit(job_of(i), [&](Result<SubmitResult> result) { answered += result.has_value() ? 1 : 0; });
  }
  reopen();
  EXPECT_EQ(answered, 2000);
  EXPECT_EQ(queue_->counts().value().jobs[0].second, 2000);
}

TEST_F(FileTest, RefusesCommandsBeyondItsBound) {
  queue_.reset();
  options_.max_waiting_commands = 4;
  open();
  std::promise<void> entered;
  std::promise<void> hold;
  std::shared_future<void> held = hold.get_future().share();
  queue_->submit(job_of(1), [&entered, held](Result<SubmitResult>) {
    entered.set_value();
    held.wait();
  });
  entered.get_future().wait();
  std::atomic<int> refused{0};
  for (int i = 2; i <= 7; ++i) {
    queue_->submit(job_of(i), [&](Result<SubmitResult> result) {
      if (!result && result.error().code == ErrorCode::resource_exhausted) ++refused;
    });
  }
  EXPECT_EQ(refused, 2);
  hold.set_value();
  queue_.reset();
}

TEST_F(FileTest, RefusesBytesBeyondItsBoundUntilTheyAreWritten) {
  queue_.reset();
  options_.max_waiting_bytes = 10'000;
  open();
  std::promise<void> entered;
  std::promise<void> hold;
  std::shared_future<void> held = hold.get_future().share();
  queue_->submit(job_of(1), [&entered, held](Result<SubmitResult>) {
    entered.set_value();
    held.wait();
  });
  entered.get_future().wait();
  const auto large = [](int number) {
    NewJob job = job_of(number);
    job.payload = '"' + std::string(5'998, 'x') + '"';
    return job;
  };
  std::atomic<int> refused{0};
  std::atomic<int> kept{0};
  const auto count = [&](const Result<SubmitResult>& result) {
    if (result) ++kept;
    if (!result && result.error().code == ErrorCode::resource_exhausted) ++refused;
  };
  for (int i = 2; i <= 4; ++i) queue_->submit(large(i), count);
  EXPECT_EQ(refused, 2);
  queue_->submit(job_of(5), count);
  EXPECT_EQ(refused, 2) << "a small one still fits";
  hold.set_value();
  EXPECT_TRUE(submit(*queue_, job_of(6)).has_value());
  EXPECT_EQ(kept, 2);
  NewJob huge = job_of(7);
  huge.payload = '"' + std::string(20'000, 'x') + '"';
  EXPECT_TRUE(submit(*queue_, huge).has_value()) << "alone it may be of any size";
}

TEST_F(FileTest, AnswersManyCallersAtOnce) {
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(submit(*queue_, job_of(caller * 100 + i)).value().created);
        auto leases = claim(*queue_, "cpu").value();
        for (const Lease& lease : leases) EXPECT_TRUE(complete(*queue_, lease.key).has_value());
        EXPECT_TRUE(queue_->counts().has_value());
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  const Counts counts = queue_->counts().value();
  EXPECT_EQ(counts.jobs[static_cast<std::size_t>(JobState::completed)].second, 160);
}

TEST_F(FileTest, OneBadCommandInABatchFailsAlone) {
  std::promise<void> entered;
  std::promise<void> hold;
  std::shared_future<void> held = hold.get_future().share();
  queue_->submit(job_of(1), [&entered, held](Result<SubmitResult>) {
    entered.set_value();
    held.wait();
  });
  entered.get_future().wait();
  // These gather while the writer is held, so they are one batch.
  std::vector<ErrorCode> errors;
  std::atomic<int> fine{0};
  queue_->submit(job_of(2), [&](Result<SubmitResult> result) { fine += result.has_value() ? 1 : 0; });
  queue_->complete({999 * 64, 1}, "{}", "",
                   [&](Result<StageOutcome> result) { errors.push_back(result.error().code); });
  NewJob bad = job_of(3);
  bad.stages.clear();
  queue_->submit(std::move(bad), [&](Result<SubmitResult> result) { errors.push_back(result.error().code); });
  queue_->submit(job_of(4), [&](Result<SubmitResult> result) { fine += result.has_value() ? 1 : 0; });
  hold.set_value();
  reopen();
  EXPECT_EQ(fine, 2);
  EXPECT_EQ(errors, (std::vector{ErrorCode::lease_lost, ErrorCode::invalid_input}));
  EXPECT_EQ(queue_->counts().value().jobs[0].second, 3);
}

TEST_F(FileTest, NeverReusesTheNumberOfAPrunedJob) {
  ASSERT_TRUE(submit(*queue_, job_of(1)).has_value());
  const Lease old = claim_one();
  ASSERT_TRUE(complete(*queue_, old.key).has_value());
  settle_all(*queue_);
  clock_.advance(std::chrono::hours(25));
  ASSERT_EQ(prune(*queue_, std::chrono::hours(1), std::chrono::hours(1)).value(), 1);
  ASSERT_TRUE(submit(*queue_, job_of(2)).has_value());
  EXPECT_NE(claim_one().key.stage_id, old.key.stage_id);
}

}  // namespace
}  // namespace vivid::queue
