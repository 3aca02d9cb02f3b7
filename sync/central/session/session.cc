#include "sync/central/session/session.h"

#include <cstdlib>
#include <pqxx/pqxx>
#include <string_view>

#include "sync/central/session/secrets.h"

namespace vivid::sync {
namespace {

constexpr int kOldestServer = 150'000;

// The search path is fixed because "$user" would find the schema vividd first for a role of that name.
constexpr const char* kSettings =
    "SET client_min_messages = warning;"
    "SET search_path = public, pg_temp;"
    "SET timezone = 'UTC';"
    "SET statement_timeout = 0;"
    "SET idle_in_transaction_session_timeout = '5s';"
    "SET client_connection_check_interval = '1s'";

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

std::vector<SqlRow> rows_of(const pqxx::result& result) {
  std::vector<SqlRow> rows;
  for (const pqxx::row& row : result) {
    SqlRow cells;
    for (const pqxx::field& field : row) {
      cells.push_back(field.is_null() ? SqlText() : SqlText(std::string(field.c_str(), field.size())));
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

}  // namespace

struct Session::Connection {
  explicit Connection(const std::string& url) : connection(url) {}
  pqxx::connection connection;

  template <typename Execute>
  SqlResult<std::vector<SqlRow>> run(Execute&& execute) {
    try {
      if (!connection.is_open()) return tl::make_unexpected(SqlError{"", "the connection is closed"});
      pqxx::nontransaction work(connection);
      return rows_of(execute(work));
    } catch (const pqxx::broken_connection& error) {
      return tl::make_unexpected(SqlError{"", one_line(error.what())});
    } catch (const pqxx::sql_error& error) {
      // A server that ends the session says so in class 57P.
      const bool gone = !connection.is_open() || error.sqlstate().empty();
      return tl::make_unexpected(SqlError{gone ? "" : error.sqlstate(), one_line(error.what())});
    } catch (const std::exception& error) {
      return tl::make_unexpected(SqlError{"", one_line(error.what())});
    }
  }
};

bool is_worth_retrying(const SqlError& error) {
  return error.state == "55P03" || error.state == "40P01" || error.state == "40001";
}

Error to_error(const SqlError& error, const std::string& what) {
  const bool rights = error.state == "42501" || error.state.starts_with("28");
  const ErrorCode code = error.state.empty()        ? ErrorCode::unavailable
                         : rights                   ? ErrorCode::permission_denied
                         : is_worth_retrying(error) ? ErrorCode::resource_exhausted
                                                    : ErrorCode::internal;
  return {code, what + ": " + error.message};
}

Session::Session(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {
  const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
  pqxx::connection& server = connection_->connection;
  const std::string host = text(server.hostname());
  description_ = "database " + text(server.dbname()) + " on " + (host.empty() ? "the local socket" : host) + " as " +
                 text(server.username());
}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(const std::string& url, std::chrono::seconds connect_timeout) {
  // Environment variables are libpq's defaults: a URL that sets these itself wins.
  ::setenv("PGCONNECT_TIMEOUT", std::to_string(connect_timeout.count()).c_str(), 0);
  ::setenv("PGAPPNAME", "vividctl migrate", 0);
  try {
    Session session(std::make_unique<Connection>(url));
    const int version = session.connection_->connection.server_version();
    if (version < kOldestServer) {
      return fail(ErrorCode::unsupported, session.description() + " is PostgreSQL " + std::to_string(version / 10'000) +
                                              "; allowed: 15 or newer");
    }
    if (const auto set = session.run(kSettings); !set) {
      return tl::make_unexpected(to_error(set.error(), "cannot prepare the session"));
    }
    return session;
  } catch (const std::exception& error) {
    return fail(ErrorCode::unavailable, "cannot connect: " + without_secrets(one_line(error.what()), url));
  }
}

SqlResult<std::vector<SqlRow>> Session::run(const std::string& sql) {
  return connection_->run([&](pqxx::nontransaction& work) { return work.exec(sql); });
}

SqlResult<std::vector<SqlRow>> Session::run(const std::string& sql, const SqlRow& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const SqlText& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  return connection_->run(
      [&](pqxx::nontransaction& work) { return work.exec_params(sql, pqxx::prepare::make_dynamic_params(values)); });
}

}  // namespace vivid::sync
