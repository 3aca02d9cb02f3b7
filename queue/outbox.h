// Messages to the central database, written in the same transaction as the change they tell of. OutboxRow in
// job_queue.h says what makes a row unique.
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

// Whether the central database hears of an end with this error: not when the request is somebody else's now.
bool is_told(const Error& error);

// kind accepted: {"class", "priority", "created_at_us", "stages": [...], "skipped": [...]}
Status put_accepted(Store& store, std::int64_t job_id, const NewJob& job);

// kind stage: {"state", "attempt", "started_at_us", "finished_at_us", "result"} or, in place of a result,
// "error_code" and "error_message".
Status put_stage(Store& store, const ActiveStage& stage, StageState state, std::string_view result, const Error* error);

// kind attempt: a failed one that is followed by another: {"attempt", "started_at_us", "finished_at_us", "retry_at_us",
// "error_code", "error_message"}. Nothing for a job without a fence, which no support engineer looks for elsewhere.
Status put_attempt(Store& store, const ActiveStage& stage, const Error& error, WallTime retry_at);

// kind final: {"state", "finished_at_us"} and, when it did not complete, "error_code", "error_message", "error_stage".
Status put_final(Store& store, std::int64_t job_id, JobState state, const Error* error, std::string_view error_stage);

}  // namespace vivid::queue
