#include "daemon/vividctl/database.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace vivid::ctl {

CLI::Option* add_database_option(CLI::App* command, std::string& url) {
  return command
      ->add_option("--database", url,
                   "URL of the database (default: $VIVIDCTL_DATABASE_URL). A password given here is seen\n"
                   "by everybody on this host; ~/.pgpass and the variable are not")
      ->type_name("URL");
}

std::string database_url(const Context& context, const std::string& named) {
  return named.empty() ? context.environment()("VIVIDCTL_DATABASE_URL").value_or("") : named;
}

Outcome<sync::Session> open_database(const Context& context, const std::string& named) {
  const std::string url = database_url(context, named);
  if (url.empty()) {
    return failure(ExitCode::usage, ErrorCode::invalid_input,
                   "name the database: --database URL, or $VIVIDCTL_DATABASE_URL");
  }
  using std::chrono::seconds;
  const seconds timeout = std::max(seconds(1), std::chrono::ceil<seconds>(context.globals().timeout));
  sync::SessionOptions options;
  options.url = url;
  options.connect_timeout = timeout;
  options.application_name = "vividctl";
  Result<sync::Session> session = sync::Session::open(options);
  if (!session) return database_failure(session.error());
  return std::move(*session);
}

tl::unexpected<Failure> database_failure(const Error& error, ExitCode invalid) {
  ExitCode exit = ExitCode::refused;
  if (error.code == ErrorCode::unavailable) exit = ExitCode::no_daemon;
  if (error.code == ErrorCode::start_to_close) exit = ExitCode::timed_out;
  if (error.code == ErrorCode::not_found) exit = ExitCode::not_found;
  if (error.code == ErrorCode::invalid_input || error.code == ErrorCode::too_large) exit = invalid;
  return failure(exit, error.code, error.message);
}

Outcome<Json> database_answer(const Result<std::string>& document, ExitCode invalid) {
  if (!document) return database_failure(document.error(), invalid);
  std::optional<Json> json = parse_json(*document);
  if (!json) return failure(ExitCode::refused, ErrorCode::internal, "the database's answer is no JSON");
  return std::move(*json);
}

}  // namespace vivid::ctl
