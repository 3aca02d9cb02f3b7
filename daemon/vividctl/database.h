// The central database, for the commands that ask it directly and need no daemon.
//
// Threads: one thread. Errors: no_daemon when it does not answer, usage when nobody says where it is.
#pragma once

#include <string>

#include "daemon/vividctl/context.h"
#include "sync/central/session/session.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace vivid::ctl {

CLI::Option* add_database_option(CLI::App* command, std::string& url);
// What --database named, else $VIVIDCTL_DATABASE_URL; may be empty.
std::string database_url(const Context& context, const std::string& named);
Outcome<sync::Session> open_database(const Context& context, const std::string& named);

// As a failure of the command; `invalid` is the exit code of what the database calls invalid.
tl::unexpected<Failure> database_failure(const Error& error, ExitCode invalid = ExitCode::usage);
// The document that the database answered with.
Outcome<Json> database_answer(const Result<std::string>& document, ExitCode invalid = ExitCode::usage);

}  // namespace vivid::ctl
