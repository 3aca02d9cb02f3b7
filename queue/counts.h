// How much of what there is: for metrics and the status page, quick at any queue length.
//
// Threads: free functions on a Database, under its rules.
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "queue/database.h"
#include "queue/job_queue.h"

namespace vivid::queue {

// oldest_ready_since is the oldest among the first thousand to be claimed in each lane.
Result<Counts> read_counts(Database& database, WallTime now);

}  // namespace vivid::queue
