// One job with all its stages and attempts, and the results of its stages.
//
// Threads: free functions on a Database, under its rules.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "queue/database.h"
#include "queue/job_queue.h"

namespace vivid::queue {

Result<std::optional<JobView>> view_job(Database& database, const std::string& uid);

Result<std::vector<std::pair<std::string, std::string>>> read_stage_results(Database& database, const std::string& uid);

}  // namespace vivid::queue
