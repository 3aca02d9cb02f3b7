// Messages to the central database, written in the same transaction as the change they tell of. A row is unique per
// job, kind and stage: saying a thing again replaces the row under a new number, so that an acknowledgement of the old
// one leaves it alone.
//
// Threads: the writer's only.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "queue/job_queue.h"
#include "queue/stage_flow.h"
#include "queue/store.h"

namespace vivid::queue {

// kind accepted: {"class", "priority", "created_at_us", "stages": [...], "skipped": [...]}
Status put_accepted(Store& store, std::int64_t job_id, const NewJob& job);

// kind stage: {"state", "attempt", "started_at_us", "finished_at_us", "result"} or, in place of a result,
// "error_code" and "error_message".
Status put_stage(Store& store, const ActiveStage& stage, StageState state, std::string_view result, const Error* error);

// kind final: {"state", "finished_at_us"} and, when it did not complete, "error_code", "error_message", "error_stage".
Status put_final(Store& store, std::int64_t job_id, JobState state, const Error* error, std::string_view error_stage);

}  // namespace vivid::queue
