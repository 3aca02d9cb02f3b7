// The fleet as the database sees it: hosts, leases, what waits, and whether lapsed leases may be taken.
//
// Documents: see fleet.sql. Threads: one session, one thread. Errors: as document.h says.
#pragma once

#include <chrono>
#include <string>

#include "base/error.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

// `lease` as the daemons have it: a host not seen for so long is gone.
Result<std::string> read_fleet(Session& session, std::chrono::seconds lease);

}  // namespace vivid::sync
