// Kills a process that works a queue at random instants, again and again, and holds what it had acknowledged against
// what the file says. VIVID_KILL_ROUNDS makes it longer, VIVID_KILL_SEED replays the instants.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "base/backoff.h"
#include "queue/job_queue.h"
#include "tests/support/temporary_folder.h"

namespace vivid::queue {
namespace {

struct Acknowledged {
  std::set<std::string> submitted;
  std::set<std::string> leases;     // "UID STAGE ATTEMPT"
  std::set<std::string> completed;  // "UID STAGE"
  std::map<std::string, std::string> final_state;
  std::set<std::string> settled;
};

class QueueKillTest : public ::testing::Test {
 protected:
  // Runs the child until `after` its first line, kills it, and returns all it has said.
  std::string run_and_kill(std::int64_t first_job, std::chrono::microseconds after) {
    std::array<int, 2> pipe_ends{};
    EXPECT_EQ(::pipe(pipe_ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(pipe_ends[1], STDOUT_FILENO);
      ::close(pipe_ends[0]);
      ::execl(QUEUE_KILL_CHILD, QUEUE_KILL_CHILD, path_.c_str(), std::to_string(first_job).c_str(), nullptr);
      ::_exit(127);
    }
    ::close(pipe_ends[1]);
    std::string text;
    std::array<char, 65536> buffer;
    std::thread killer;
    for (;;) {
      const ssize_t count = ::read(pipe_ends[0], buffer.data(), buffer.size());
      if (count <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(count));
      if (!killer.joinable()) {
        killer = std::thread([child, after] {
          std::this_thread::sleep_for(after);
          ::kill(child, SIGKILL);
        });
      }
    }
    ::close(pipe_ends[0]);
    if (killer.joinable()) killer.join();
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << status;
    return text;
  }

  void note(const std::string& text) {
    std::istringstream lines(text);
    std::string kind, uid, stage, last;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      words >> kind >> uid >> stage >> last;
      if (kind == "S") {
        EXPECT_TRUE(known_.submitted.insert(uid).second) << uid << " was created twice";
      }
      if (kind == "L") {
        EXPECT_TRUE(known_.leases.insert(line.substr(2)).second) << line << " was leased twice";
      }
      if (kind == "C") {
        EXPECT_TRUE(known_.completed.insert(uid + " " + stage).second) << line << " was completed twice";
      }
      if (kind == "V") known_.settled.insert(uid);  // by several callers at once, maybe
      if (kind == "C" && last == "completed") known_.final_state[uid] = last;
      if (kind == "F" && last == "failed") known_.final_state[uid] = last;
    }
  }

  // Every row of the query's first column, joined to a set; a row that is there twice fails the test.
  std::set<std::string> rows(const std::string& sql) {
    std::set<std::string> found;
    sqlite3* connection = nullptr;
    EXPECT_EQ(sqlite3_open(path_.c_str(), &connection), SQLITE_OK);
    // All that was put, with a verdict or without.
    EXPECT_EQ(sqlite3_exec(connection,
                           "CREATE TEMP VIEW told AS SELECT seq, job_id, kind, stage, attempt FROM outbox"
                           " UNION ALL SELECT seq, job_id, kind, stage, attempt FROM settled",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      const void* text = sqlite3_column_text(statement, 0);
      EXPECT_TRUE(found.insert(static_cast<const char*>(text)).second) << sql;
    }
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return found;
  }

  void expect_contains(const std::set<std::string>& file, const std::set<std::string>& wanted, const char* what) {
    for (const std::string& row : wanted) EXPECT_TRUE(file.contains(row)) << what << " lost: " << row;
  }

  void check_file() {
    EXPECT_EQ(rows("PRAGMA integrity_check"), std::set<std::string>{"ok"});
    EXPECT_EQ(rows("SELECT count(*) FROM pragma_foreign_key_check"), std::set<std::string>{"0"});
    expect_contains(rows("SELECT uid FROM job"), known_.submitted, "job");
    expect_contains(rows("SELECT j.uid || ' ' || s.name FROM stage s JOIN job j ON j.id = s.job_id"
                         " WHERE s.state = 'completed'"),
                    known_.completed, "stage");
    std::set<std::string> finals;
    for (const auto& [uid, state] : known_.final_state) finals.insert(uid + " " + state);
    expect_contains(rows("SELECT uid || ' ' || state FROM job WHERE finished_at IS NOT NULL"), finals, "end");
    // Changes and the messages about them stand or fall together, and none is there twice.
    EXPECT_EQ(rows("SELECT uid FROM job"),
              rows("SELECT j.uid FROM told o JOIN job j ON j.id = o.job_id WHERE o.kind = 'accepted'"));
    EXPECT_EQ(rows("SELECT uid FROM job WHERE finished_at IS NOT NULL"),
              rows("SELECT j.uid FROM told o JOIN job j ON j.id = o.job_id WHERE o.kind = 'final'"));
    EXPECT_EQ(rows("SELECT s.job_id || s.name FROM stage s WHERE s.state IN ('completed', 'failed')"),
              rows("SELECT o.job_id || o.stage FROM told o WHERE o.kind = 'stage'"));
    EXPECT_EQ(rows("SELECT a.stage_id || ' ' || a.attempt FROM attempt a JOIN stage s ON s.id = a.stage_id JOIN job j"
                   " ON j.id = s.job_id WHERE j.fence > 0 AND a.outcome <> 'completed'"
                   " AND NOT (s.state = 'failed' AND s.attempt = a.attempt)"),
              rows("SELECT (o.job_id * 64 + (o.stage = 'two')) || ' ' || o.attempt FROM told o"
                   " WHERE o.kind = 'attempt'"));
    expect_contains(rows("SELECT seq FROM settled"), known_.settled, "verdict");
    EXPECT_EQ(rows("SELECT seq FROM outbox INTERSECT SELECT seq FROM settled"), std::set<std::string>());
    EXPECT_EQ(rows("SELECT s.job_id || s.name FROM stage s WHERE s.state = 'completed'"),
              rows("SELECT s.job_id || s.name FROM attempt a JOIN stage s ON s.id = a.stage_id"
                   " WHERE a.outcome = 'completed'"));
    EXPECT_EQ(rows("SELECT name || n FROM tally WHERE kind = 'job' AND n <> 0"),
              rows("SELECT state || count(*) FROM job GROUP BY state"));
    EXPECT_EQ(rows("SELECT n FROM tally WHERE kind = 'in_progress' AND n <> 0"),
              rows("SELECT count(*) FROM stage WHERE state = 'in_progress' GROUP BY lane"));
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "queue.db";
  Acknowledged known_;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST_F(QueueKillTest, KeepsAllThatWasAcknowledgedAndDoublesNothing) {
  const std::uint64_t seed = number_from("VIVID_KILL_SEED", std::random_device{}());
  const std::uint64_t rounds = number_from("VIVID_KILL_ROUNDS", 12);
  std::printf("VIVID_KILL_SEED=%llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);
  for (std::uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("VIVID_KILL_SEED=" + std::to_string(seed) + " round " + std::to_string(round));
    note(
        run_and_kill(static_cast<std::int64_t>(1 + round * 100'000), std::chrono::microseconds(random.up_to(150'000))));
    check_file();
  }
  EXPECT_FALSE(known_.submitted.empty());
  EXPECT_FALSE(known_.final_state.empty());
  EXPECT_FALSE(known_.settled.empty());
}

}  // namespace
}  // namespace vivid::queue
