// All rows of one job, for the commands that end it, start it afresh or hand it to a new claim.
//
// Threads: the writer's only, inside its transaction.
// Errors: those of Database.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "queue/job_queue.h"
#include "queue/store.h"

namespace vivid::queue {

// Rows of it wait for a verdict.
Result<bool> has_unsettled_rows(Store& store, std::int64_t job_id);

// No final row of it waits for a verdict or is quarantined: it has one, went with one, or was never put because the
// request is another host's.
Result<bool> is_final_settled(Store& store, std::int64_t job_id);

// The job is not over after all: its final row goes, settled or not.
Status forget_final(Store& store, std::int64_t job_id);

// The job's fence rises. What was told under the old one is to be told again: every row that is not quarantined waits
// for a verdict under a new number, so that a verdict on its way for the old one is passed over. Attempts that the
// central database has are history, and stay settled.
Status raise_fence(Store& store, std::int64_t job_id, std::int64_t fence);

// The job, in this final state, with all its rows. The caller has seen that nobody needs them.
Status remove_job(Store& store, std::int64_t job_id, JobState state);

}  // namespace vivid::queue
