#include "sync/central/link/connector.h"

#include "base/log.h"
#include "sync/central/link/sql.h"

namespace vivid::sync {
namespace {

constexpr std::chrono::milliseconds kLockTimeout{5'000};

Status check_schema(Session& session) {
  const auto rows = session.run(std::string(sql::kSchemaRevision));
  if (rows && !rows->empty() && (*rows)[0][0] == "applied") return {};
  // Undefined schema or table: nobody has migrated here yet.
  const bool missing = rows || rows.error().state == "3F000" || rows.error().state == "42P01";
  if (!missing) {
    Error error = to_error(rows.error(), "cannot read the ledger vividd.migration");
    if (error.code == ErrorCode::permission_denied)
      error.message += "; docs/daemon_rights.sql grants what vividd needs";
    return tl::make_unexpected(std::move(error));
  }
  const std::string found = rows && !rows->empty() ? " (it is " + (*rows)[0][0].value_or("unknown") + ")" : "";
  return fail(ErrorCode::not_found,
              session.description() + " is not at revision 0004 of the schema" + found + ": run vividctl migrate up");
}

SessionOptions session_options(const LinkOptions& options, const std::string& name,
                               std::shared_ptr<Interrupt> interrupt) {
  SessionOptions session;
  session.url = options.database;
  session.connect_timeout = options.connect_timeout;
  session.application_name = "vividd " + name;
  session.statement_timeout = options.statement_timeout;
  session.lock_timeout = std::min(kLockTimeout, options.statement_timeout);
  session.interrupt = std::move(interrupt);
  return session;
}

}  // namespace

Connector::Connector(const LinkOptions& options, std::string name, std::shared_ptr<Interrupt> interrupt, Random& random)
    : options_(session_options(options, name, std::move(interrupt))),
      name_(std::move(name)),
      outage_(within_lease(options.reconnect, options.lease), random) {}

Result<Session> Connector::connect() {
  auto session = Session::open(options_);
  if (!session) return tl::make_unexpected(connection_error(session.error()));
  VIVID_TRY(check_schema(*session));
  return session;
}

std::chrono::milliseconds Connector::failed(const Error& error, SteadyTime now) {
  const Outage::Next next = outage_.failed(error, now);
  if (next.say) {
    const char* what = has_worked_ ? "lost the central database" : "cannot reach the central database";
    log::write(next.needs_somebody ? log::Level::error : log::Level::warning,
               next.needs_somebody ? "the central database needs attention" : what,
               {{"connection", name_}, {"error", error.describe()}});
  }
  return next.retry_in;
}

void Connector::works(const Session& session, SteadyTime now) {
  const auto away = outage_.over(now);
  if (has_worked_ && !away) return;
  log::Fields fields{{"connection", name_}, {"database", session.description()}};
  if (away) fields.emplace_back("away_s", std::chrono::duration<double>(*away).count());
  log::info(has_worked_ ? "the central database is back" : "connected to the central database", fields);
  has_worked_ = true;
}

}  // namespace vivid::sync
