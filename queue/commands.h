// What each command of JobQueue does inside the writer's transaction. A command looks before it writes: an error that
// is its own (not_found, lease_lost, invalid_input …) leaves nothing behind, so that others in the same transaction are
// untouched. Commands may be run again after their transaction was undone.
//
// Threads: the writer's only.
// Errors: as in job_queue.h; errors of Database mean that the whole transaction is undone.
#pragma once

#include <cstdint>
#include <optional>
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
Result<CancelResult> cancel_job(Store& store, const std::string& uid, const Error& reason);
Result<JobSummary> set_job_priority(Store& store, const std::string& uid, int priority);

// requeue.cc
Result<JobSummary> requeue_job(Store& store, const std::string& uid, std::optional<std::int64_t> fence);
struct RequeueCursor {
  JobState state = JobState::failed;  // then quarantined
  std::int64_t job_id = 0;
  bool done = false;
};
// Looks at no more than `limit` of the failed and quarantined jobs from `cursor` on and moves it; how many were
// requeued.
Result<std::int64_t> requeue_some_dead(Store& store, RequeueCursor& cursor, int limit);

// settle.cc
Status settle_rows(Store& store, const std::vector<Settlement>& settlements);
struct ResendCursor {
  WallTime settled_at{};
  std::int64_t seq = 0;
  bool done = false;
};
// Looks at no more than `limit` rows settled from `cursor` on until `until` and moves it; how many are unsettled again.
Result<std::int64_t> resend_some(Store& store, WallTime until, ResendCursor& cursor, int limit);
struct RequeueRowsCursor {
  std::int64_t seq = 0;              // the last one looked at
  std::optional<std::int64_t> only;  // the one row that is meant, when not all are
  bool done = false;
};
// At most `limit` quarantined rows; how many are unsettled again.
Result<std::int64_t> requeue_some_rows(Store& store, RequeueRowsCursor& cursor, int limit);

// prune.cc
struct PruneCursor {
  bool rows_done = false;  // settled rows go first, as jobs wait for them
  WallTime finished_at{};
  std::int64_t job_id = 0;
  bool done = false;
};
struct PruneLimits {
  WallTime before;          // completed and cancelled jobs that ended earlier go
  WallTime dead_before;     // failed and quarantined ones, and those with a quarantined outbox row
  WallTime settled_before;  // outbox rows settled earlier
};
// Looks at no more than `limit` jobs from `cursor` on and moves it; how many jobs were removed.
Result<std::int64_t> prune_some(Store& store, const PruneLimits& limits, PruneCursor& cursor, int limit);

}  // namespace vivid::queue
