#include "sync/central/session/session.h"

#include <libpq-fe.h>

#include <string_view>
#include <utility>

#include "sync/central/session/connection.h"

namespace vivid::sync {
namespace {

constexpr int kOldestServer = 150'000;

// The search path is fixed because "$user" would find the schema vividd first for a role of that name.
std::string settings(const SessionOptions& options) {
  const auto ms = [](std::chrono::milliseconds limit) { return std::to_string(limit.count()); };
  return "SET client_min_messages = warning;"
         "SET search_path = public, pg_temp;"
         "SET timezone = 'UTC';"
         "SET client_connection_check_interval = '1s';"
         "SET statement_timeout = " +
         ms(options.statement_timeout) + ";SET lock_timeout = " + ms(options.lock_timeout) +
         ";SET idle_in_transaction_session_timeout = " + ms(options.idle_in_transaction_timeout);
}

std::string as_identifier(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

ErrorCode code_of(const SqlError& error) {
  const std::string& state = error.state;
  // Past the statement's time limit; a server that is no primary, or no longer.
  if (state.empty() || state == "57014" || state == "25006") return ErrorCode::unavailable;
  if (state == "42501" || state.starts_with("28")) return ErrorCode::permission_denied;
  if (state == "3F000" || state == "42P01" || state == "42703" || state == "42883") return ErrorCode::unsupported;
  if (is_worth_retrying(error) || state.starts_with("53")) return ErrorCode::resource_exhausted;
  return ErrorCode::internal;
}

}  // namespace

bool is_worth_retrying(const SqlError& error) {
  return error.state == "55P03" || error.state == "40P01" || error.state == "40001";
}

Error to_error(const SqlError& error, const std::string& what) {
  const ErrorCode code = code_of(error);
  const char* hint = code == ErrorCode::unsupported ? "; 'vividctl migrate status' says what the schema is" : "";
  return {code, what + ": " + error.message + hint};
}

Session::Session(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {
  const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
  const PGconn* server = connection_->raw();
  const std::string host = text(PQhost(server));
  description_ = "database " + text(PQdb(server)) + " on " + (host.empty() ? "the local socket" : host) + " as " +
                 text(PQuser(server));
}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(const SessionOptions& options) {
  const auto interrupt = options.interrupt ? options.interrupt : std::make_shared<Interrupt>();
  VIVID_ASSIGN(const Conninfo conninfo, conninfo_of(options.url, options.application_name, options.connect_timeout));
  std::string why;
  for (const Keywords& host : conninfo.hosts) {
    auto connection = std::make_unique<Connection>(options, interrupt);
    if (const Status connected = connection->connect(host, conninfo.connect_timeout); !connected) {
      why += (why.empty() ? "" : "; ") + connected.error().message;
      continue;
    }
    const int version = PQserverVersion(connection->raw());
    Session session(std::move(connection));
    if (version < kOldestServer) {
      return fail(ErrorCode::unsupported, session.description() + " is PostgreSQL " + std::to_string(version / 10'000) +
                                              "; allowed: 15 or newer");
    }
    if (const auto set = session.run(settings(options)); !set) {
      return tl::make_unexpected(to_error(set.error(), "cannot prepare the session"));
    }
    return session;
  }
  return fail(ErrorCode::unavailable, "cannot connect: " + why);
}

SqlResult<std::vector<SqlRow>> Session::run(const std::string& sql) { return connection_->run(sql, nullptr); }

SqlResult<std::vector<SqlRow>> Session::run(const std::string& sql, const SqlRow& parameters) {
  return connection_->run(sql, &parameters);
}

SqlResult<void> Session::listen(const std::vector<std::string>& channels) {
  for (const std::string& channel : channels) VIVID_TRY(run("LISTEN " + as_identifier(channel)));
  return {};
}

SqlResult<std::vector<Notification>> Session::notifications() { return connection_->notifications(); }

int Session::wait_fd() const { return connection_->fd(); }

bool Session::is_open() const { return connection_->raw() != nullptr; }

void Session::abort() { connection_->interrupt().raise(); }

SqlResult<Transaction> Transaction::begin(Session& session, const std::string& settings) {
  VIVID_TRY(session.run("BEGIN;" + settings));
  return Transaction(session);
}

Transaction::Transaction(Transaction&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}

// Should this fail, the connection is gone, and the server undoes it.
Transaction::~Transaction() {
  if (session_ != nullptr && session_->is_open()) (void)session_->run("ROLLBACK").has_value();
}

SqlResult<void> Transaction::commit() {
  Session& session = *std::exchange(session_, nullptr);
  VIVID_TRY(session.run("COMMIT"));
  // A transaction in which a statement has failed answers a commit by undoing itself.
  if (session.connection_->last_command() != "COMMIT") {
    return tl::make_unexpected(SqlError{"25P02", "the transaction had failed and was undone"});
  }
  return {};
}

}  // namespace vivid::sync
