#include "sync/central/session/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/secrets.h"

namespace vivid::sync {
namespace {

constexpr const char* kInterrupted = "interrupted";
// In one call: whoever notifies without end does not keep the caller here.
constexpr int kMostReads = 64;
constexpr const char* kTooLate = "no answer in time";

void ignore_notice(void* /*unused*/, const PGresult* /*unused*/) {}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::string line;
  for (const char c : text) {
    if (c == '\n') {
      line += "; ";
    } else if (c != '\t' && c != '\r') {
      line += c;
    }
  }
  return line;
}

// With these the server ends the session, though the connection may look open for a moment more.
bool ends_the_session(const std::string& state) {
  return state.starts_with("08") || state.starts_with("57P") || state == "25P03";
}

std::vector<SqlRow> rows_of(const PGresult* result) {
  std::vector<SqlRow> rows(static_cast<std::size_t>(PQntuples(result)));
  for (int row = 0; row < PQntuples(result); ++row) {
    SqlRow& cells = rows[static_cast<std::size_t>(row)];
    for (int column = 0; column < PQnfields(result); ++column) {
      const bool null = PQgetisnull(result, row, column) != 0;
      const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
      cells.push_back(null ? SqlText() : SqlText(std::string(PQgetvalue(result, row, column), size)));
    }
  }
  return rows;
}

}  // namespace

Session::Connection::Connection(const SessionOptions& options, std::shared_ptr<Interrupt> interrupt)
    : statement_timeout_(options.statement_timeout),
      grace_(options.grace),
      url_(options.url),
      interrupt_(std::move(interrupt)) {}

void Session::Connection::Free::operator()(pg_conn* connection) const { PQfinish(connection); }
void Session::Connection::Free::operator()(pg_result* result) const { PQclear(result); }

int Session::Connection::fd() const { return connection_ ? PQsocket(raw()) : -1; }

std::string Session::Connection::last_message() const { return without_secrets(one_line(PQerrorMessage(raw())), url_); }

SqlError Session::Connection::gone(const std::string& why) {
  connection_.reset();
  return {"", why};
}

SteadyTime Session::Connection::statement_deadline() const {
  return statement_timeout_.count() == 0 ? SteadyTime::max()
                                         : system_clock().steady_now() + statement_timeout_ + grace_;
}

std::string Session::Connection::wait_for(short events, SteadyTime deadline) {
  for (;;) {
    int timeout_ms = -1;
    if (deadline != SteadyTime::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - system_clock().steady_now());
      timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
    }
    std::array<pollfd, 2> waited{{{fd(), events, 0}, {interrupt_->fd(), POLLIN, 0}}};
    const int ready = ::poll(waited.data(), waited.size(), timeout_ms);
    if (ready < 0 && errno != EINTR) return "cannot wait for the server";
    if (ready > 0 && waited[1].revents != 0) return kInterrupted;
    if (ready > 0) return "";
    if (ready == 0 && system_clock().steady_now() >= deadline) return kTooLate;
  }
}

Status Session::Connection::connect(const Keywords& keywords, std::chrono::seconds timeout) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : keywords) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  const SteadyTime deadline = timeout.count() == 0 ? SteadyTime::max() : system_clock().steady_now() + timeout;
  connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
  if (!connection_) return fail(ErrorCode::resource_exhausted, "no memory for a connection");
  PQsetNoticeReceiver(raw(), ignore_notice, nullptr);
  // As libpq demands: as if the last poll had said writing.
  PostgresPollingStatusType next = PQstatus(raw()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
    const std::string why = wait_for(next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
    if (!why.empty()) {
      connection_.reset();
      return fail(ErrorCode::unavailable, why);
    }
    next = PQconnectPoll(raw());
  }
  if (next == PGRES_POLLING_OK && PQsetnonblocking(raw(), 1) == 0) return {};
  const std::string why = last_message();
  connection_.reset();
  return fail(ErrorCode::unavailable, why);
}

std::string Session::Connection::send_all(SteadyTime deadline) {
  for (;;) {
    const int left = PQflush(raw());
    if (left == 0) return "";
    if (left < 0) return last_message();
    // The server may have to be read from before it reads on.
    if (std::string why = wait_for(POLLIN | POLLOUT, deadline); !why.empty()) return why;
    if (PQconsumeInput(raw()) == 0) return last_message();
  }
}

SqlResult<Session::Connection::Answer> Session::Connection::next_answer(SteadyTime deadline) {
  while (PQisBusy(raw()) != 0) {
    if (const std::string why = wait_for(POLLIN, deadline); !why.empty()) return tl::make_unexpected(gone(why));
    if (PQconsumeInput(raw()) == 0) return tl::make_unexpected(gone(last_message()));
  }
  return Answer(PQgetResult(raw()));
}

// Reads to the end, so that the next statement finds the connection idle. The first error counts.
SqlResult<std::vector<SqlRow>> Session::Connection::answers(SteadyTime deadline) {
  std::vector<SqlRow> rows;
  std::optional<SqlError> error;
  for (;;) {
    VIVID_ASSIGN(const Answer answer, next_answer(deadline));
    if (!answer) break;
    switch (PQresultStatus(answer.get())) {
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        rows = rows_of(answer.get());
        last_command_ = PQcmdStatus(answer.get());
        break;
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH:
        return tl::make_unexpected(gone("COPY is not to be had over this session"));
      default: {
        const char* state = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
        if (!error) error = SqlError{state == nullptr ? "" : state, one_line(PQresultErrorMessage(answer.get()))};
      }
    }
  }
  take_notifications();
  if (!error && PQstatus(raw()) == CONNECTION_BAD) error = SqlError{"", last_message()};
  if (!error) return rows;
  if (error->state.empty() || ends_the_session(error->state) || PQstatus(raw()) == CONNECTION_BAD) {
    return tl::make_unexpected(gone(error->message));
  }
  return tl::make_unexpected(std::move(*error));
}

SqlResult<std::vector<SqlRow>> Session::Connection::run(const std::string& sql, const SqlRow* parameters) {
  if (!connection_) return tl::make_unexpected(SqlError{"", "the connection is closed"});
  if (interrupt_->raised()) return tl::make_unexpected(gone(kInterrupted));
  last_command_.clear();
  int sent = 0;
  if (parameters == nullptr) {
    sent = PQsendQuery(raw(), sql.c_str());
  } else {
    std::vector<const char*> values;
    for (const SqlText& parameter : *parameters) {
      if (parameter && parameter->find('\0') != std::string::npos) {
        return tl::make_unexpected(SqlError{"22021", "a value has a NUL byte in it"});
      }
      values.push_back(parameter ? parameter->c_str() : nullptr);
    }
    sent = PQsendQueryParams(raw(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                             nullptr, 0);
  }
  if (sent == 0) return tl::make_unexpected(gone(last_message()));
  const SteadyTime deadline = statement_deadline();
  if (const std::string why = send_all(deadline); !why.empty()) return tl::make_unexpected(gone(why));
  return answers(deadline);
}

void Session::Connection::take_notifications() {
  struct FreeMemory {
    void operator()(PGnotify* notification) const { PQfreemem(notification); }
  };
  while (const std::unique_ptr<PGnotify, FreeMemory> notification{PQnotifies(raw())}) {
    notifications_.push_back({notification->relname, notification->extra});
  }
}

SqlResult<std::vector<Notification>> Session::Connection::notifications() {
  if (!connection_) return tl::make_unexpected(SqlError{"", "the connection is closed"});
  if (interrupt_->raised()) return tl::make_unexpected(gone(kInterrupted));
  // The end of the connection stands behind the server's last words.
  pollfd more{fd(), POLLIN, 0};
  for (int reads = 0; reads<kMostReads&& ::poll(&more, 1, 0)> 0; ++reads) {
    if (PQconsumeInput(raw()) == 0) return tl::make_unexpected(gone(last_message()));
    take_notifications();
  }
  std::vector<Notification> taken(std::make_move_iterator(notifications_.begin()),
                                  std::make_move_iterator(notifications_.end()));
  notifications_.clear();
  return taken;
}

}  // namespace vivid::sync
