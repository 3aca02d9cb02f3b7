#include <string>

#include "queue/commands.h"
#include "queue/job_rows.h"
#include "queue/schema.h"
#include "queue/stage_flow.h"
#include "queue/states.h"
#include "queue/summaries.h"

namespace vivid::queue {
namespace {

struct Unfinished {
  std::int64_t stage_id = 0;
  std::string lane;
};

// A failed stage that was not critical has ended: the job had gone on without it.
Result<std::vector<Unfinished>> unfinished_stages(Store& store, std::int64_t job_id) {
  static constexpr const char* kSelect =
      "SELECT id, lane FROM stage WHERE id >= ? AND id < ? AND (state IN ('pending', 'cancelled') OR"
      " (state = 'failed' AND (critical OR error_code = 'overall_deadline'))) ORDER BY id";
  std::vector<Unfinished> stages;
  Cursor row = store.database.use(kSelect);
  row.bind(stage_id_of(job_id, 0), stage_id_of(job_id + 1, 0));
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return stages;
    stages.push_back({row.integer(0), row.string(1)});
  }
}

// The central database takes nothing more for a request that has ended there, or is another host's.
Result<bool> needs_new_fence(Store& store, const JobHead& job) {
  if (job.fence == 0) return false;
  return is_final_settled(store, job.id);
}

Status requeue_found(Store& store, const JobHead& job) {
  // The attempt number goes on, so that a lease from before can never be taken for a new one. A deadline gives the job
  // as much time again as it had at first.
  static constexpr const char* kStage =
      "UPDATE stage SET state = 'pending', used = 0, crashes = 0, run_at = NULL, ready_since = NULL, started_at = NULL,"
      " finished_at = NULL, error_code = NULL, error_message = NULL WHERE id = ?";
  static constexpr const char* kJob =
      "UPDATE job SET state = 'queued', cancel_requested = 0, crashes = 0, started_at = NULL, finished_at = NULL,"
      " deadline = ? + time_limit, error_code = NULL, error_message = NULL, error_stage = NULL WHERE id = ?";
  VIVID_ASSIGN(const std::vector<Unfinished> stages, unfinished_stages(store, job.id));
  VIVID_TRY(forget_final(store, job.id));
  VIVID_TRY(store.database.use(kJob).bind(store.now, job.id).run());
  for (const Unfinished& stage : stages) VIVID_TRY(store.database.use(kStage).bind(stage.stage_id).run());
  store.tally.add(Tally::Kind::job, to_text(job.state), -1);
  store.tally.add(Tally::Kind::job, to_text(JobState::queued), 1);
  if (!stages.empty()) return make_ready(store, stages.front().stage_id, stages.front().lane, store.now);
  return end_job(store, {.job_id = job.id, .from = JobState::queued, .to = JobState::completed});
}

}  // namespace

Result<JobSummary> requeue_job(Store& store, const std::string& uid, std::optional<std::int64_t> fence) {
  VIVID_ASSIGN(const std::optional<JobHead> job, find_job(store.database, uid));
  if (!job || !is_final(job->state) || job->state == JobState::completed) {
    const std::string why = job ? "is " + std::string(to_text(job->state)) : "does not exist";
    return fail(ErrorCode::not_found,
                "job " + uid + " " + why + "; only a failed, quarantined or cancelled one can be requeued");
  }
  if (fence && *fence <= job->fence) {
    return fail(ErrorCode::invalid_input, "fence is " + std::to_string(*fence) + ", allowed is more than " +
                                              std::to_string(job->fence) + ", which job " + uid + " has");
  }
  VIVID_ASSIGN(const bool needs_fence, needs_new_fence(store, *job));
  if (needs_fence && !fence) {
    return fail(ErrorCode::unsupported, "job " + uid +
                                            ": the central database has its final state, or has given the request to "
                                            "another host; set the request back to pending there, and a host claims "
                                            "it anew");
  }
  VIVID_TRY(requeue_found(store, *job));
  if (fence) VIVID_TRY(raise_fence(store, job->id, *fence));
  return summary_of(store.database, job->id);
}

Result<std::int64_t> requeue_some_dead(Store& store, RequeueCursor& cursor, int limit) {
  static constexpr const char* kSelect =
      "SELECT id, run_at, fence FROM job WHERE state = ? AND id > ?"
      " AND state IN ('running', 'failed', 'quarantined', 'cancelled') ORDER BY id LIMIT ?";
  std::vector<JobHead> jobs;
  {
    Cursor row = store.database.use(kSelect);
    row.bind(to_text(cursor.state), cursor.job_id, limit);
    for (;;) {
      VIVID_ASSIGN(const bool found, row.step());
      if (!found) break;
      jobs.push_back({.id = row.integer(0), .state = cursor.state, .run_at = row.time(1), .fence = row.integer(2)});
    }
  }
  std::int64_t count = 0;
  for (const JobHead& job : jobs) {
    // The central database may have its end although no answer has come, and may have given it to another host.
    if (job.fence != 0) continue;
    VIVID_TRY(requeue_found(store, job));
    ++count;
  }
  if (jobs.size() == static_cast<std::size_t>(limit)) {
    cursor.job_id = jobs.back().id;
  } else if (cursor.state == JobState::failed) {
    cursor = {.state = JobState::quarantined};
  } else {
    cursor.done = true;
  }
  return count;
}

}  // namespace vivid::queue
