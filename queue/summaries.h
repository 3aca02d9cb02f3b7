// Jobs as rows for people: what both the read side and the commands that answer with a job need.
//
// Threads: free functions on a Database, under its rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "queue/database.h"
#include "queue/job_queue.h"

namespace vivid::queue {

struct JobHead {
  std::int64_t id = 0;
  JobState state = JobState::queued;
  WallTime run_at;  // when it could first run
  std::int64_t fence = 0;
  bool cancel_requested = false;
};
Result<std::optional<JobHead>> find_job(Database& database, const std::string& uid);

// internal if there is no such job.
Result<JobSummary> summary_of(Database& database, std::int64_t job_id);

Result<std::vector<JobSummary>> list_summaries(Database& database, const ListFilter& filter);

}  // namespace vivid::queue
