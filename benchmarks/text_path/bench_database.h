// The private PostgreSQL 15 that everything is measured on, with the central schema in it.
//
// Threads: one, but for connect(). Ownership: the server and its files go with it.
// Errors: none leave it: what fails is said, and the benchmark ends.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sync/central/session/session.h"
#include "tests/support/postgres_server.h"

namespace vivid::bench {

[[noreturn]] void give_up(const std::string& why);

template <typename T>
T need(Result<T> result) {
  if (!result) give_up(result.error().describe());
  return std::move(*result);
}

// The same for all that is measured. Commits are as durable as in production.
inline const std::vector<std::string> kServerSettings{
    "fsync=on",         "synchronous_commit=on",    "shared_buffers=1GB",         "max_wal_size=8GB",
    "wal_buffers=16MB", "checkpoint_timeout=15min", "maintenance_work_mem=512MB", "track_commit_timestamp=on",
    "jit=off",          "max_connections=60"};

class Database {
 public:
  Database();

  std::string url() const { return server_->url("vividly"); }
  // The same as a URI.
  std::string uri() const { return "postgresql:///vividly?host=" + server_->folder().string() + "&user=postgres"; }
  sync::Session connect() const;

  std::vector<sync::SqlRow> rows(const std::string& sql, const sync::SqlRow& parameters = {});
  // The one value that it says; "" for none.
  std::string value(const std::string& sql, const sync::SqlRow& parameters = {});
  double number(const std::string& sql, const sync::SqlRow& parameters = {});
  // Dirty pages and dead rows of whatever ran before burden nobody.
  void settle();

 private:
  std::unique_ptr<test::PostgresServer> server_;
  std::unique_ptr<sync::Session> session_;
};

}  // namespace vivid::bench
