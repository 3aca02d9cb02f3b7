// A file of schema version 1, as the program of that version left it (version1.sql), is taken over whole.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>
#include <sstream>

#include "queue_fixture.h"
#include "tests/support/queue_faulty_vfs.h"

namespace vivid::queue {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::Fault;
using testing::FaultyVfs;
using ::testing::UnorderedElementsAre;

class MigrationTest : public QueueTest {
 protected:
  MigrationTest() {
    queue_.reset();
    clock_.advance(seconds(929));
    options_.path = folder_.path() / "version1.db";
    write_version_1();
  }

  void write_version_1() const {
    std::ostringstream sql;
    sql << std::ifstream(QUEUE_VERSION_1).rdbuf();
    sqlite3* connection = nullptr;
    EXPECT_EQ(sqlite3_open(options_.path.c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql.str().c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }

  // The first column of each row.
  std::vector<std::string> rows(const std::string& sql) const {
    std::vector<std::string> found;
    sqlite3* connection = nullptr;
    EXPECT_EQ(sqlite3_open(options_.path.c_str(), &connection), SQLITE_OK);
    const auto note = [](void* into, int, char** texts, char**) {
      static_cast<std::vector<std::string>*>(into)->emplace_back(texts[0]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), note, &found, nullptr), SQLITE_OK) << sqlite3_errmsg(connection);
    sqlite3_close(connection);
    return found;
  }

  std::vector<std::string> states() {
    std::vector<std::string> lines;
    for (int number = 1; number <= 10; ++number) {
      const JobView job = view(number);
      std::string line = std::to_string(job.summary.fence) + " " + std::string(to_text(job.summary.state));
      for (const StageView& stage : job.stages) line += " " + std::string(to_text(stage.state));
      lines.push_back(line + " " + std::to_string(job.attempts.size()));
    }
    return lines;
  }
};

TEST_F(MigrationTest, KeepsJobsStagesAndAttempts) {
  open();
  EXPECT_THAT(states(),
              ElementsAre("7 completed completed completed 4", "7 failed failed pending 1", "0 quarantined failed 3",
                          "0 queued ready pending 0", "7 completed completed failed 2",
                          "7 running in_progress cancelled 1", "7 running in_progress pending 1",
                          "7 queued ready pending 0", "0 cancelled cancelled cancelled 0", "7 queued ready pending 0"));
  EXPECT_EQ(view(1).deadline, view(1).summary.created_at + seconds(900));
  EXPECT_EQ(view(1).stages[0].result, R"({"attempt":97})");
  EXPECT_EQ(view(2).summary.error_message, "title is missing");
  EXPECT_EQ(view(4).payload, '"' + std::string(600, 'p') + '"');
  EXPECT_THAT(queue_->paused_lanes().value(), ElementsAre("net"));
  const Counts counts = queue_->counts().value();
  EXPECT_EQ(counts.jobs[static_cast<std::size_t>(JobState::completed)].second, 2);
  EXPECT_EQ(counts.outbox_rows, 20);
  EXPECT_EQ(counts.outbox_quarantined, 0);
}

TEST_F(MigrationTest, KeepsTheOutboxAndLearnsTheAttemptOfEachStageRow) {
  const std::vector<std::string> before = rows("SELECT seq || body || created_at FROM outbox ORDER BY seq");
  open();
  EXPECT_EQ(rows("SELECT seq || body || created_at FROM outbox ORDER BY seq"), before);
  std::vector<std::string> attempts;
  const std::vector<OutboxRow> all = queue_->outbox(100).value();
  for (const OutboxRow& row : all) {
    if (row.attempt != 0) attempts.push_back(row.uid.substr(35) + row.kind + std::to_string(row.attempt));
  }
  EXPECT_THAT(attempts, ElementsAre("1stage2", "1stage2", "2stage1", "3stage3", "5stage1", "5stage1"));
}

TEST_F(MigrationTest, GoesOnWithTheWork) {
  open();
  std::vector<std::string> held;
  const std::vector<HeldRequest> requests = queue_->held().value();
  for (const HeldRequest& request : requests) held.push_back(request.uid);
  EXPECT_THAT(held, UnorderedElementsAre(uid_of(1), uid_of(2), uid_of(5), uid_of(6), uid_of(7), uid_of(8), uid_of(10)));
  const std::vector<Survivor> survivors = queue_->survivors().value();
  ASSERT_EQ(survivors.size(), 2U);
  EXPECT_EQ(recover(*queue_, survivors[0].key).value().job_state, JobState::cancelled);
  EXPECT_EQ(view(6).summary.error_message, "cancelled on request");
  EXPECT_EQ(recover(*queue_, survivors[1].key).value().stage_state, StageState::ready);
  EXPECT_EQ(claim_one().uid, uid_of(4));
  EXPECT_EQ(requeue(*queue_, uid_of(2)).value().state, JobState::queued);
  EXPECT_GT(queue_->outbox(100).value().back().seq, 22);
  settle_all(*queue_);
  clock_.advance(std::chrono::hours(1'000));
  // The completed ones, the quarantined one, and both that were cancelled.
  EXPECT_EQ(prune(*queue_, std::chrono::hours(1), std::chrono::hours(1)).value(), 5);
  EXPECT_THAT(rows("PRAGMA integrity_check"), ElementsAre("ok"));
  EXPECT_THAT(rows("SELECT 'broken' FROM pragma_foreign_key_check"), ElementsAre());
}

TEST_F(MigrationTest, EndsWithTheTablesOfANewFile) {
  open();
  const std::string schema = "SELECT replace(sql, '\"', '') FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
  const std::vector<std::string> migrated = rows(schema);
  options_.path = folder_.path() / "new.db";
  reopen();
  EXPECT_EQ(rows(schema), migrated);
}

TEST_F(MigrationTest, LeavesTheFileAsItWasWhenTheDiskIsFull) {
  const std::string dump = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL UNION ALL SELECT body FROM outbox";
  const std::vector<std::string> before = rows(dump);
  options_.vfs = FaultyVfs::name();
  int failures = 0;
  for (int after = 0;; ++after) {
    FaultyVfs::arm(Fault::full_disk, after);
    const auto opened = JobQueue::open(options_, clock_);
    const bool struck = FaultyVfs::struck();
    FaultyVfs::heal();
    if (opened && !struck) break;
    if (opened) continue;  // it was enough for the migration
    ++failures;
    EXPECT_EQ(opened.error().code, ErrorCode::disk_full);
    if (rows("SELECT value FROM meta WHERE key = 'schema_version'").front() == "1") {
      EXPECT_EQ(rows(dump), before);
    }
  }
  EXPECT_GT(failures, 3);
  open();
  EXPECT_EQ(queue_->outbox(100).value().size(), 20U);
}

}  // namespace
}  // namespace vivid::queue
