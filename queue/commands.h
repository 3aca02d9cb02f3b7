// What each command of JobQueue does inside the writer's transaction. A command looks before it writes: an error that
// is its own (not_found, lease_lost, invalid_input …) leaves nothing behind, so that others in the same transaction are
// untouched. Commands may be run again after their transaction was undone.
//
// Threads: the writer's only.
// Errors: as in job_queue.h; errors of Database mean that the whole transaction is undone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "queue/job_queue.h"
#include "queue/store.h"

namespace vivid::queue {

// submit.cc
Status validate(const NewJob& job);
Result<SubmitResult> submit_job(Store& store, const NewJob& job);

// claim.cc
Result<std::vector<Lease>> claim_stages(Store& store, const std::string& lane, const Holder& holder, int limit);

// outcome.cc
Result<StageOutcome> complete_stage(Store& store, const LeaseKey& key, std::string_view result,
                                    std::string_view detail);
Result<StageOutcome> fail_stage(Store& store, const LeaseKey& key, const Error& error, std::string_view detail);
Result<StageOutcome> snooze_stage(Store& store, const LeaseKey& key, WallTime until, std::string_view reason);
Result<StageOutcome> recover_stage(Store& store, const LeaseKey& key);

// rewind.cc
Result<StageOutcome> rewind_stage(Store& store, const LeaseKey& key, const std::string& to, const Error& error);

// operate.cc
Result<CancelResult> cancel_job(Store& store, const std::string& uid);
Result<JobSummary> set_job_priority(Store& store, const std::string& uid, int priority);
Status acknowledge_rows(Store& store, const std::vector<std::int64_t>& seqs);

// requeue.cc
Result<JobSummary> requeue_job(Store& store, const std::string& uid);
// At most `limit` of the failed and quarantined jobs; how many. Fewer than `limit`: there are no more.
Result<std::int64_t> requeue_some_dead(Store& store, int limit);

// prune.cc
struct PruneCursor {
  WallTime finished_at{};
  std::int64_t job_id = 0;
  bool done = false;
};
struct PruneLimits {
  WallTime before;       // completed and cancelled jobs that ended earlier go
  WallTime dead_before;  // failed and quarantined ones
};
// Looks at no more than `limit` jobs from `cursor` on and moves it; how many were removed.
Result<std::int64_t> prune_some(Store& store, const PruneLimits& limits, PruneCursor& cursor, int limit);

}  // namespace vivid::queue
