// Recomputes request_metrics for the hours and organizations that deliveries have touched, from the requests
// themselves: doing it again changes nothing.
//
// Threads: pure function over a session. Errors: as deliver().
#pragma once

#include "base/error.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

// How many rows of request_metrics were recomputed, at most `limit`; 0 while another host does it.
Result<int> roll_up_metrics(Session& session, int limit);

}  // namespace vivid::sync
