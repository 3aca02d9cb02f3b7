#include "queue/views.h"

#include <algorithm>

#include "queue/schema.h"
#include "queue/states.h"
#include "queue/summaries.h"

namespace vivid::queue {
namespace {

Status read_input(Database& database, JobView& view) {
  static constexpr const char* kSelect =
      "SELECT j.deadline, coalesce(j.payload, p.body) FROM job j LEFT JOIN payload p ON p.job_id = j.id WHERE j.id = ?";
  Cursor row = database.use(kSelect);
  row.bind(view.summary.job_id);
  VIVID_ASSIGN(const bool found, row.step());
  if (!found) return {};
  view.deadline = row.optional_time(0);
  view.payload = row.text(1);
  return {};
}

// A running attempt has no row in the history yet: the stage itself tells of it.
AttemptView running_attempt(const Cursor& row, const StageView& stage) {
  AttemptView attempt;
  attempt.stage = stage.name;
  attempt.attempt = row.small(11);
  attempt.ready_since = row.time(12);
  attempt.started_at = row.time(5);
  return attempt;
}

Status read_stages(Database& database, JobView& view, std::vector<AttemptView>& running) {
  static constexpr const char* kSelect =
      "SELECT name, lane, state, used, crashes, started_at, finished_at, run_at, result, error_code, error_message,"
      " attempt, ready_since, ordinal FROM stage WHERE id >= ? AND id < ? ORDER BY id";
  Cursor row = database.use(kSelect);
  row.bind(stage_id_of(view.summary.job_id, 0), stage_id_of(view.summary.job_id + 1, 0));
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return {};
    StageView stage;
    stage.name = row.text(0);
    stage.lane = row.text(1);
    stage.ordinal = row.small(13);
    stage.state = stage_state_from_text(row.text(2));
    stage.attempts = row.small(3);
    stage.crashes = row.small(4);
    stage.started_at = row.optional_time(5);
    stage.finished_at = row.optional_time(6);
    stage.run_at = row.optional_time(7);
    stage.result = row.text(8);
    stage.error_code = row.text(9);
    stage.error_message = row.text(10);
    if (stage.state == StageState::in_progress) running.push_back(running_attempt(row, stage));
    view.stages.push_back(std::move(stage));
  }
}

Status read_attempts(Database& database, JobView& view) {
  static constexpr const char* kSelect =
      "SELECT s.name, a.attempt, a.ready_since, a.started_at, a.finished_at, a.outcome, a.message, a.detail"
      " FROM attempt a JOIN stage s ON s.id = a.stage_id WHERE a.stage_id >= ? AND a.stage_id < ?"
      " ORDER BY a.stage_id, a.attempt";
  Cursor row = database.use(kSelect);
  row.bind(stage_id_of(view.summary.job_id, 0), stage_id_of(view.summary.job_id + 1, 0));
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return {};
    view.attempts.push_back({.stage = row.string(0),
                             .attempt = row.small(1),
                             .ready_since = row.time(2),
                             .started_at = row.time(3),
                             .finished_at = row.time(4),
                             .outcome = row.string(5),
                             .message = row.string(6),
                             .detail = row.string(7)});
  }
}

}  // namespace

Result<std::optional<JobView>> view_job(Database& database, const std::string& uid) {
  VIVID_ASSIGN(const std::optional<JobHead> job, find_job(database, uid));
  if (!job) return std::optional<JobView>();
  JobView view;
  VIVID_ASSIGN(view.summary, summary_of(database, job->id));
  VIVID_TRY(read_input(database, view));
  std::vector<AttemptView> running;
  VIVID_TRY(read_stages(database, view, running));
  VIVID_TRY(read_attempts(database, view));
  std::move(running.begin(), running.end(), std::back_inserter(view.attempts));
  return std::optional(std::move(view));
}

Result<std::vector<std::pair<std::string, std::string>>> read_stage_results(Database& database,
                                                                            const std::string& uid) {
  static constexpr const char* kSelect =
      "SELECT name, result FROM stage WHERE id >= ? AND id < ? AND state = 'completed' ORDER BY id";
  std::vector<std::pair<std::string, std::string>> results;
  VIVID_ASSIGN(const std::optional<JobHead> job, find_job(database, uid));
  if (!job) return results;
  Cursor row = database.use(kSelect);
  row.bind(stage_id_of(job->id, 0), stage_id_of(job->id + 1, 0));
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return results;
    results.emplace_back(row.string(0), row.string(1));
  }
}

}  // namespace vivid::queue
