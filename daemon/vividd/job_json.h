// Jobs as the control protocol shows them (docs/control-protocol.md).
//
// Threads: pure functions over values.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "daemon/intake/text_path.h"
#include "daemon/pipeline/progress_board.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

// `progress`: of the job if it runs, else null.
nlohmann::json summary_json(const queue::JobSummary& job, const JobProgress* progress);
nlohmann::json summary_json(const TextAnswer& answer);
nlohmann::json job_json(const queue::JobView& job, const JobProgress* progress);
nlohmann::json job_json(const TextAnswer& answer);
nlohmann::json progress_json(const JobProgress& progress);
nlohmann::json profile_json(const queue::JobView& job);
nlohmann::json profile_json(const TextAnswer& answer);

// JSON text; what is no UTF-8 in it is replaced.
std::string to_text(const nlohmann::json& value);

}  // namespace vivid::daemon
