// A PostgreSQL 15 of the test's own: a fresh cluster in a temporary folder, on a Unix socket in that folder alone, run
// as another user when the test is root. It can be killed and started again, and goes with the test.
//
// Threads: one thread. Ownership: the destructor stops the server by its process id and removes the folder.
// Errors: unsupported when PostgreSQL 15 is not installed; else what its programs said.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::test {

class PostgresServer {
 public:
  // Settings such as "max_connections=50". Without fsync a killed server may lose what it committed only when the whole
  // machine goes down.
  static Result<std::unique_ptr<PostgresServer>> start(const std::vector<std::string>& settings = {"fsync=off"});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  static std::string program(const std::string& name) { return "/usr/lib/postgresql/15/bin/" + name; }

  // libpq's keyword form, for the superuser.
  std::string url(const std::string& database = "postgres") const;
  const std::filesystem::path& folder() const { return folder_; }
  Status create_database(const std::string& name);

  // SIGQUIT is a crash, SIGINT a fast shutdown, SIGTERM waits for the clients. Returns when the server is gone.
  Status stop(int signal = SIGINT);
  Status start_again();

 private:
  PostgresServer(std::filesystem::path folder, std::vector<std::string> settings);

  Status initialise();
  Status wait_until_it_answers();

  std::filesystem::path folder_;
  std::vector<std::string> settings_;
  pid_t pid_ = -1;
};

}  // namespace vivid::test
