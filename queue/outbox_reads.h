// What the sender to the central database reads.
//
// Threads: free functions on a Database, under its rules.
#pragma once

#include <vector>

#include "base/error.h"
#include "queue/database.h"
#include "queue/job_queue.h"

namespace vivid::queue {

Result<std::vector<OutboxRow>> read_outbox(Database& database, int limit);
Result<std::vector<QuarantinedRow>> read_quarantined(Database& database, int limit);
Result<std::vector<HeldRequest>> read_held(Database& database);

}  // namespace vivid::queue
