#include <string>

#include "queue/commands.h"
#include "queue/outbox.h"
#include "queue/schema.h"
#include "queue/stage_flow.h"
#include "queue/states.h"
#include "queue/summaries.h"

namespace vivid::queue {
namespace {

struct Open {
  std::int64_t stage_id = 0;
  std::string name;
  std::string lane;
  StageState state = StageState::pending;
  bool delayed = false;
};

// Stages of the job that have not ended, in order.
Result<std::vector<Open>> open_stages(Store& store, std::int64_t job_id) {
  static constexpr const char* kSelect =
      "SELECT id, name, lane, state, run_at IS NOT NULL FROM stage WHERE id >= ? AND id < ?"
      " AND state IN ('pending', 'ready', 'in_progress') ORDER BY id";
  std::vector<Open> stages;
  Cursor row = store.database.use(kSelect);
  row.bind(stage_id_of(job_id, 0), stage_id_of(job_id + 1, 0));
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return stages;
    stages.push_back(
        {row.integer(0), row.string(1), row.string(2), stage_state_from_text(row.text(3)), row.integer(4) != 0});
  }
}

Status cancel_open(Store& store, const std::vector<Open>& stages) {
  static constexpr const char* kCancel =
      "UPDATE stage SET state = 'cancelled', run_at = NULL, finished_at = ? WHERE id = ?";
  for (const Open& stage : stages) {
    if (stage.state == StageState::in_progress) continue;
    if (stage.state == StageState::ready) {
      store.tally.add(stage.delayed ? Tally::Kind::delayed : Tally::Kind::ready, stage.lane, -1);
    }
    VIVID_TRY(store.database.use(kCancel).bind(store.now, stage.stage_id).run());
  }
  return {};
}

}  // namespace

Result<CancelResult> cancel_job(Store& store, const std::string& uid, const Error& reason) {
  static constexpr const char* kMark =
      "UPDATE job SET cancel_requested = 1, error_code = ?, error_message = ? WHERE id = ?";
  VIVID_ASSIGN(const std::optional<JobHead> job, find_job(store.database, uid));
  if (!job) return CancelResult::not_found;
  if (is_final(job->state)) return CancelResult::already_final;
  // Only a running stage can keep it from having ended then.
  if (job->cancel_requested) return CancelResult::cancel_requested;
  VIVID_TRY(store.database.use(kMark).bind(to_text(reason.code), reason.message, job->id).run());
  VIVID_ASSIGN(const std::vector<Open> stages, open_stages(store, job->id));
  VIVID_TRY(cancel_open(store, stages));
  store.work_changed = true;
  for (const Open& stage : stages) {
    if (stage.state == StageState::in_progress) return CancelResult::cancel_requested;
  }
  VIVID_TRY(end_job(store, {.job_id = job->id,
                            .from = job->state,
                            .to = JobState::cancelled,
                            .error = &reason,
                            .error_stage = stages.empty() ? std::string_view() : stages.front().name,
                            .tell = is_told(reason)}));
  return CancelResult::cancelled;
}

Result<JobSummary> set_job_priority(Store& store, const std::string& uid, int priority) {
  static constexpr const char* kJob = "UPDATE job SET priority = ? WHERE id = ?";
  static constexpr const char* kStages = "UPDATE stage SET rank = ? WHERE id >= ? AND id < ?";
  if (priority < 0 || priority > 9) {
    return fail(ErrorCode::invalid_input, "priority is " + std::to_string(priority) + ", allowed are 0 to 9");
  }
  VIVID_ASSIGN(const std::optional<JobHead> job, find_job(store.database, uid));
  if (!job) return fail(ErrorCode::not_found, "there is no job " + uid);
  const std::int64_t rank = rank_of(store.options, job->run_at, priority);
  VIVID_TRY(store.database.use(kJob).bind(priority, job->id).run());
  VIVID_TRY(store.database.use(kStages).bind(rank, stage_id_of(job->id, 0), stage_id_of(job->id + 1, 0)).run());
  return summary_of(store.database, job->id);
}

}  // namespace vivid::queue
