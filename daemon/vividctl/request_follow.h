// Follows requests in the database until they are final, telling each change of status or stage.
//
// Threads: one thread. Errors: timed_out, not_found for a request that was deleted, no_daemon when the database stays
// away for a minute.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/vividctl/context.h"
#include "sync/central/session/session.h"

namespace vivid::ctl {

struct FollowOptions {
  std::string database;          // as --database named it
  std::vector<std::string> ids;  // canonical
  std::optional<std::chrono::milliseconds> limit;
};

// The worst exit code of the requests, once all are final.
Outcome<ExitCode> follow_requests(Context& context, sync::Session session, const FollowOptions& options);

}  // namespace vivid::ctl
