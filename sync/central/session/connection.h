// libpq without its waiting: every wait has a deadline and ends when the interrupt is raised.
//
// Threads: one thread. Ownership: owns the connection and its socket.
// Errors: as Session; whatever breaks the connection also closes it.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sync/central/session/conninfo.h"
#include "sync/central/session/session.h"

// libpq's own names for PGconn and PGresult.
struct pg_conn;
struct pg_result;

namespace vivid::sync {

class Session::Connection {
 public:
  Connection(const SessionOptions& options, std::shared_ptr<Interrupt> interrupt);

  // To one host.
  Status connect(const Keywords& keywords, std::chrono::seconds timeout);
  SqlResult<std::vector<SqlRow>> run(const std::string& sql, const SqlRow* parameters);
  SqlResult<std::vector<Notification>> notifications();

  pg_conn* raw() const { return connection_.get(); }
  // -1 without a connection.
  int fd() const;
  Interrupt& interrupt() { return *interrupt_; }
  // What the last statement did: "COMMIT".
  const std::string& last_command() const { return last_command_; }

 private:
  struct Free {
    void operator()(pg_conn* connection) const;
    void operator()(pg_result* result) const;
  };
  using Answer = std::unique_ptr<pg_result, Free>;

  // Until one of POLLIN and POLLOUT is so on the socket; empty, or why not.
  std::string wait_for(short events, SteadyTime deadline);
  std::string send_all(SteadyTime deadline);
  SqlResult<Answer> next_answer(SteadyTime deadline);
  SqlResult<std::vector<SqlRow>> answers(SteadyTime deadline);
  void take_notifications();
  SqlError gone(const std::string& why);
  std::string last_message() const;
  SteadyTime statement_deadline() const;

  const std::chrono::milliseconds statement_timeout_;
  const std::chrono::milliseconds grace_;
  const std::string url_;
  std::shared_ptr<Interrupt> interrupt_;
  std::unique_ptr<pg_conn, Free> connection_;
  std::deque<Notification> notifications_;
  std::string last_command_;
};

}  // namespace vivid::sync
