// One connection to PostgreSQL: plain statements in, text out, errors with their SQLSTATE.
//
// Nothing waits for ever: every call ends with the statement's time limit, however dead the server or the network is,
// or as soon as another thread raises the session's interrupt.
//
// Threads: one thread, except abort(), which any may call while the session lives. Ownership: closes the
// connection; what was not committed is undone by the server.
// Errors: SqlError, whose `state` is empty when the connection itself is gone. A lost connection is not replaced: the
// locks and the transaction went with it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/error.h"
#include "sync/central/session/interrupt.h"

namespace vivid::sync {

struct SqlError {
  std::string state;  // SQLSTATE, "55P03"
  std::string message;
};

template <typename T>
using SqlResult = tl::expected<T, SqlError>;

// Lock timeout, deadlock, serialisation failure: the same again may succeed.
bool is_worth_retrying(const SqlError& error);
// As this project's error: unavailable without a connection, past the statement's time limit and from a server that
// only reads, permission_denied for rights, unsupported for a schema that is not ours, resource_exhausted for what
// is_worth_retrying and for a server short of something, else internal.
Error to_error(const SqlError& error, const std::string& what);

using SqlText = std::optional<std::string>;
using SqlRow = std::vector<SqlText>;

struct Notification {
  std::string channel;
  std::string payload;
};

struct SessionOptions {
  // libpq's forms: postgresql://user@host/database, or "host=… dbname=…". What it says of timeouts, keepalives and name
  // goes before what is said here. Of several hosts the first that takes the session is used.
  std::string url;
  std::chrono::seconds connect_timeout{10};  // a host; the look-up of its name is not counted
  std::string application_name = "vividd";
  // 0: no limit. The server ends the statement; without a word from it, the connection is given up `grace` later.
  std::chrono::milliseconds statement_timeout{0};
  std::chrono::milliseconds grace{5'000};
  std::chrono::milliseconds lock_timeout{0};  // 0: no limit
  std::chrono::milliseconds idle_in_transaction_timeout{5'000};
  // Also ends open(), when given. Raised once, it ends every session that has it.
  std::shared_ptr<Interrupt> interrupt;
};

class Session {
 public:
  // Refuses servers before 15. The session keeps to the schema public and to UTC, and the server ends it soon after
  // this process is gone, whatever it was doing.
  static Result<Session> open(const SessionOptions& options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // One statement or several; the rows of the last one.
  SqlResult<std::vector<SqlRow>> run(const std::string& sql);
  // One statement with $1 … in it. A value with a NUL byte is refused as the server would (class 22).
  SqlResult<std::vector<SqlRow>> run(const std::string& sql, const SqlRow& parameters);

  SqlResult<void> listen(const std::vector<std::string>& channels);
  // What has come since the last call; never waits.
  SqlResult<std::vector<Notification>> notifications();

  // Readable when the server has something to say, which notifications() takes in; -1 once the connection is gone. Look
  // at notifications() before waiting: some may have come along with an answer.
  int wait_fd() const;

  // False once any call has found the connection gone.
  bool is_open() const;
  // Makes the call that is under way, and all later ones, end as if the connection were gone.
  void abort();

  // "database vivid on /run/postgresql as operator": never a password.
  const std::string& description() const { return description_; }

 private:
  friend class Transaction;
  class Connection;
  explicit Session(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
  std::string description_;
};

// Undoes what was not committed when it goes out of scope.
//
// Ownership: the session must outlive it. Errors: a commit that fails has committed nothing, unless the connection
// broke: then nobody knows.
class Transaction {
 public:
  // `settings`: SET LOCAL …, to go along with it.
  static SqlResult<Transaction> begin(Session& session, const std::string& settings = "");
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  SqlResult<void> commit();

 private:
  explicit Transaction(Session& session) : session_(&session) {}

  Session* session_;  // null once it is over
};

}  // namespace vivid::sync
