// The schema changes under the hands of four writers who know nothing of it. VIVID_MIGRATION_ROWS says how many
// requests there are (default 50,000).
#include <gmock/gmock.h>
#include <pqxx/pqxx>

#include <atomic>
#include <chrono>
#include <cstdlib>

#include "tests/integration/migrations/migration_fixture.h"

namespace vivid::test {
namespace {

using std::chrono::duration;
using Seconds = duration<double>;

// What the platform does all day, in the columns of revision 0001, each line a transaction of its own.
class Writer {
 public:
  Writer(const std::string& url, int number, std::atomic<bool>& stop)
      : thread_([this, url, number, &stop] { run(url, number, stop); }) {}
  void join() { thread_.join(); }

  const std::string& error() const { return error_; }
  long writes() const { return writes_; }
  Seconds longest() const { return longest_; }
  const std::string& slowest() const { return slowest_; }

 private:
  void run(const std::string& url, int number, const std::atomic<bool>& stop) {
    try {
      pqxx::connection connection(url);
      const std::string name = "writer-" + std::to_string(number) + "-";
      const std::string student = "'user-" + std::to_string(1 + number) + "'";
      for (long i = 0; !stop; ++i) {
        const std::string id = "'" + name + std::to_string(i) + "'";
        write(connection, "INSERT INTO content_requests (correlation_id, student_id, topic) VALUES (" + id + ", " +
                              student + ", 'Topic')");
        write(connection,
              "UPDATE content_requests SET status = 'validating', retry_count = 1 WHERE correlation_id = " + id);
        write(connection, "UPDATE content_requests SET script_text = 'x' WHERE correlation_id = 'seed-" +
                              std::to_string(1 + (i * 7919 + number) % 50'000) + "'");
        write(connection,
              "INSERT INTO content_metadata (content_id, request_id, student_id, topic_id, title, script_content)"
              " SELECT correlation_id, id::text, student_id, 'topic', topic, 'script' FROM content_requests"
              " WHERE correlation_id = " +
                  id);
        write(connection, "UPDATE content_metadata SET status = 'ready', view_count = 1 WHERE content_id = " + id);
        write(connection, "UPDATE users SET last_name = 'C' WHERE user_id = " + student);
        if (i % 5 == 4) write(connection, "DELETE FROM content_metadata WHERE content_id = " + id);
        if (i % 5 == 4) write(connection, "DELETE FROM content_requests WHERE correlation_id = " + id);
      }
    } catch (const std::exception& error) {
      error_ = error.what();
    }
  }

  void write(pqxx::connection& connection, const std::string& sql) {
    const auto start = std::chrono::steady_clock::now();
    pqxx::work work(connection);
    work.exec(sql);
    work.commit();
    const Seconds took = std::chrono::steady_clock::now() - start;
    if (took > longest_) {
      longest_ = took;
      slowest_ = sql;
    }
    ++writes_;
  }

  std::string error_;
  long writes_ = 0;
  Seconds longest_{0};
  std::string slowest_;
  std::thread thread_;
};

class Live : public MigrationTest {
 protected:
  void migrate_under_writers(const std::vector<std::string>& arguments) const {
    std::atomic<bool> stop{false};
    std::vector<std::unique_ptr<Writer>> writers;
    for (int number = 0; number < 4; ++number)
      writers.push_back(std::make_unique<Writer>(url(), number + round_ * 4, stop));
    const auto start = std::chrono::steady_clock::now();
    Child run(command(arguments));
    const int exit = run.wait();
    const Seconds took = std::chrono::steady_clock::now() - start;
    stop = true;
    EXPECT_EQ(exit, 0);
    std::printf("%s", run.output().c_str());
    for (const auto& writer : writers) {
      writer->join();
      EXPECT_EQ(writer->error(), "");
      EXPECT_LT(writer->longest().count(), 1.0) << writer->slowest();
      std::printf("writer: %ld writes, longest %.0f ms (%.60s)\n", writer->writes(), writer->longest().count() * 1000,
                  writer->slowest().c_str());
    }
    std::printf("took %.1f s\n", took.count());
    ++round_;
  }

  mutable int round_ = 0;
};

TEST_F(Live, NoWriterFailsOrStalls) {
  const char* rows = std::getenv("VIVID_MIGRATION_ROWS");
  const int requests = rows == nullptr ? 50'000 : std::atoi(rows);
  must({"up", "--to", "1"});
  seed(requests);
  migrate_under_writers({"up"});
  must({"verify"});
  sql("UPDATE content_requests SET preferred_modality = 'audio', requested_modalities = '[\"audio\"]'"
      " WHERE correlation_id LIKE 'seed-%7'");
  const std::string audio =
      "SELECT count(*) FROM content_requests WHERE preferred_modality = 'audio'"
      " AND requested_modalities = '[\"audio\"]'";
  const std::string expected = value(audio);
  migrate_under_writers({"down", "--to", "1"});
  EXPECT_EQ(value("SELECT count(*) FROM content_requests_modality_backup WHERE preferred_modality = 'audio'"),
            expected);
  migrate_under_writers({"up"});
  must({"verify"});
  EXPECT_EQ(value(audio), expected);
  EXPECT_EQ(value("SELECT count(*) FROM pg_tables WHERE tablename LIKE '%modality_backup'"), "0");
}

}  // namespace
}  // namespace vivid::test
