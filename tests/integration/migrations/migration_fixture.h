// A private PostgreSQL, a database in it, and the real `vividctl migrate` run against it.
//
// Threads: one thread, except that a Child reads its child's output on one of its own.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/postgres_server.h"

namespace vivid::test {

// A child process and what it says, standard output and standard error together.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Until it has said this many lines, or one that contains the text, or has ended; false in the latter case.
  bool wait_for_lines(std::size_t count);
  bool wait_for_text(const std::string& text);
  void kill_hard() const;
  // Exit code; 128 + signal.
  int wait();
  // Once it has ended.
  const std::string& output() const { return output_; }

 private:
  template <typename Condition>
  bool wait_until(Condition&& condition);

  pid_t pid_ = -1;
  int fd_ = -1;
  std::string output_;
  bool ended_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread reader_;
};

struct Ended {
  int exit = 0;
  std::string output;
};

class MigrationTest : public ::testing::Test {
 protected:
  void SetUp() override;

  std::string url() const { return server_->url("vividly"); }
  std::vector<std::string> command(const std::vector<std::string>& arguments) const;
  Ended migrate(const std::vector<std::string>& arguments) const;
  // Fails the test unless it ends well.
  void must(const std::vector<std::string>& arguments) const;

  void sql(const std::string& text) const;
  // First column of the first row; "" for none or NULL.
  std::string value(const std::string& query) const;

  // Users, topics, `requests` requests, a tenth as much content, metrics; in the form of revision 0001.
  void seed(int requests) const;
  // Values in every modality column that are not the defaults, and NULLs where they may be.
  void vary_modalities() const;
  // MD5 over all columns of all rows, by table.
  std::map<std::string, std::string> fingerprints() const;
  // Takes the ledger away, as if the schema had been made by hand.
  void forget_ledger() const { sql("DROP SCHEMA vividd CASCADE"); }

  std::unique_ptr<PostgresServer> server_;
};

}  // namespace vivid::test
