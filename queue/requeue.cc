#include <string>

#include "queue/commands.h"
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
  VIVID_TRY(store.database.use(kJob).bind(store.now, job.id).run());
  for (const Unfinished& stage : stages) VIVID_TRY(store.database.use(kStage).bind(stage.stage_id).run());
  store.tally.add(Tally::Kind::job, to_text(job.state), -1);
  store.tally.add(Tally::Kind::job, to_text(JobState::queued), 1);
  if (!stages.empty()) return make_ready(store, stages.front().stage_id, stages.front().lane, store.now);
  return end_job(store, {.job_id = job.id, .from = JobState::queued, .to = JobState::completed});
}

}  // namespace

Result<JobSummary> requeue_job(Store& store, const std::string& uid) {
  VIVID_ASSIGN(const std::optional<JobHead> job, find_job(store.database, uid));
  if (!job || !is_final(job->state) || job->state == JobState::completed) {
    const std::string why = job ? "is " + std::string(to_text(job->state)) : "does not exist";
    return fail(ErrorCode::not_found,
                "job " + uid + " " + why + "; only a failed, quarantined or cancelled one can be requeued");
  }
  VIVID_TRY(requeue_found(store, *job));
  return summary_of(store.database, job->id);
}

Result<std::int64_t> requeue_some_dead(Store& store, int limit) {
  static constexpr const char* kSelect =
      "SELECT id, state, run_at FROM job WHERE state IN ('running', 'failed', 'quarantined', 'cancelled')"
      " AND state IN ('failed', 'quarantined') LIMIT ?";
  std::vector<JobHead> jobs;
  {
    Cursor row = store.database.use(kSelect);
    row.bind(limit);
    for (;;) {
      VIVID_ASSIGN(const bool found, row.step());
      if (!found) break;
      jobs.push_back({row.integer(0), job_state_from_text(row.text(1)), row.time(2)});
    }
  }
  for (const JobHead& job : jobs) VIVID_TRY(requeue_found(store, job));
  return static_cast<std::int64_t>(jobs.size());
}

}  // namespace vivid::queue
