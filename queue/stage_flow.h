// How a job moves from stage to stage and to its end. Every change of state goes through here, so that rows, tallies
// and outbox change together.
//
// Threads: the writer's only, inside its transaction.
// Errors: lease_lost when a lease is not the live one (nothing was written); else those of Database, after which the
// whole transaction is undone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "queue/job_queue.h"
#include "queue/store.h"

namespace vivid::queue {

// A stage that is being run, or is about to be, with what is needed of its job.
struct ActiveStage {
  std::int64_t stage_id = 0;
  std::int64_t job_id = 0;
  int ordinal = 0;
  std::string name;
  std::string lane;
  std::int64_t boot_id = 0;
  int attempt = 0;  // rises with every claim, for ever: names the lease
  int used = 0;     // claims that count
  int crashes = 0;
  bool critical = true;
  int max_attempts = 0;
  WallTime ready_since;
  std::optional<WallTime> started_at;

  std::string uid;
  std::int64_t fence = 0;
  JobState job_state = JobState::queued;
  int stage_count = 0;
  int job_crashes = 0;
  bool cancel_requested = false;
  Error cancel_reason{ErrorCode::cancelled, {}};  // with cancel_requested
  std::optional<WallTime> deadline;
  bool tell = true;  // false: the job belongs to another host now, so nothing is sent
};

// The stage in progress under this key; lease_lost if there is none.
Result<ActiveStage> find_leased(Store& store, const LeaseKey& key);

// Writes the attempt that ends now into the history.
Status record_attempt(Store& store, const ActiveStage& stage, std::string_view outcome, std::string_view message,
                      std::string_view detail);

// The stage in progress (or, with leased = false, the ready one) ends: row, tally, outbox.
Status end_stage(Store& store, const ActiveStage& stage, StageState state, std::string_view result, const Error* error,
                 bool leased = true);

// The stage in progress goes back to the queue until `until`. `error` is shown while it waits.
Status delay_stage(Store& store, const ActiveStage& stage, WallTime until, const Error* error);

// The next stage becomes ready, or the job is completed. Returns the job's state.
Result<JobState> advance(Store& store, const ActiveStage& ended);

// Makes a pending stage ready at `run_at`, or now when that is past.
Status make_ready(Store& store, std::int64_t stage_id, std::string_view lane, WallTime run_at);

struct JobEnd {
  std::int64_t job_id = 0;
  JobState from = JobState::running;
  JobState to = JobState::completed;
  const Error* error = nullptr;
  std::string_view error_stage{};
  bool tell = true;  // as in ActiveStage
};
Status end_job(Store& store, const JobEnd& end);

// Static order of claims: priority is a head start in time, so what waits long enough overtakes everything newer.
std::int64_t rank_of(const Options& options, WallTime waiting_since, int priority);

}  // namespace vivid::queue
