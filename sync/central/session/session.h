// One connection to PostgreSQL, as migrations need it: plain statements in, text out, errors with their SQLSTATE.
//
// Threads: one thread. Ownership: closes the connection; what was not committed is undone by the server.
// Errors: SqlError, whose `state` is empty when the connection itself is gone. A lost connection is not replaced: the
// advisory lock and the transaction went with it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/error.h"

namespace vivid::sync {

struct SqlError {
  std::string state;  // SQLSTATE, "55P03"
  std::string message;
};

template <typename T>
using SqlResult = tl::expected<T, SqlError>;

// Lock timeout, deadlock, serialisation failure: the same again may succeed.
bool is_worth_retrying(const SqlError& error);
// As this project's error: unavailable without a connection, permission_denied for rights, else internal.
Error to_error(const SqlError& error, const std::string& what);

using SqlText = std::optional<std::string>;
using SqlRow = std::vector<SqlText>;

class Session {
 public:
  // Refuses servers before 15. The session keeps to the schema public and to UTC, and the server ends it soon after
  // this process is gone, whatever it was doing.
  static Result<Session> open(const std::string& url, std::chrono::seconds connect_timeout);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // One statement or several; the rows of the last one.
  SqlResult<std::vector<SqlRow>> run(const std::string& sql);
  // One statement with $1 … in it.
  SqlResult<std::vector<SqlRow>> run(const std::string& sql, const SqlRow& parameters);

  // "database vivid on /run/postgresql as operator": never a password.
  const std::string& description() const { return description_; }

 private:
  struct Connection;
  explicit Session(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
  std::string description_;
};

}  // namespace vivid::sync
