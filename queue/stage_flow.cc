#include "queue/stage_flow.h"

#include "queue/outbox.h"
#include "queue/schema.h"
#include "queue/states.h"

namespace vivid::queue {

Result<ActiveStage> find_leased(Store& store, const LeaseKey& key) {
  static constexpr const char* kSelect =
      "SELECT s.name, s.lane, s.used, s.crashes, s.critical, s.max_attempts, s.ready_since, s.started_at, j.state,"
      " j.stage_count, j.crashes, j.cancel_requested, j.deadline, j.uid, s.boot_id, j.fence,"
      " j.error_code, j.error_message"
      " FROM stage s JOIN job j ON j.id = s.id / 64 WHERE s.id = ? AND s.attempt = ? AND s.state = 'in_progress'";
  Cursor row = store.database.use(kSelect);
  row.bind(key.stage_id, key.attempt);
  VIVID_ASSIGN(const bool found, row.step());
  if (!found) {
    return fail(ErrorCode::lease_lost, "attempt " + std::to_string(key.attempt) + " of stage " +
                                           std::to_string(key.stage_id) + " is not the live one");
  }
  ActiveStage stage;
  stage.stage_id = key.stage_id;
  stage.job_id = job_id_of(key.stage_id);
  stage.ordinal = ordinal_of(key.stage_id);
  stage.attempt = key.attempt;
  stage.name = row.text(0);
  stage.lane = row.text(1);
  stage.used = row.small(2);
  stage.crashes = row.small(3);
  stage.critical = row.integer(4) != 0;
  stage.max_attempts = row.small(5);
  stage.ready_since = row.time(6);
  stage.started_at = row.optional_time(7);
  stage.job_state = job_state_from_text(row.text(8));
  stage.stage_count = row.small(9);
  stage.job_crashes = row.small(10);
  stage.cancel_requested = row.integer(11) != 0;
  stage.deadline = row.optional_time(12);
  stage.uid = row.text(13);
  stage.boot_id = row.integer(14);
  stage.fence = row.integer(15);
  if (stage.cancel_requested) {
    // Kept by cancel(); a file of version 1 has none.
    const bool kept = !row.is_null(16);
    stage.cancel_reason = kept ? Error{error_code_from_text(row.text(16)), row.string(17)}
                               : Error{ErrorCode::cancelled, "cancelled on request"};
  }
  return stage;
}

Status record_attempt(Store& store, const ActiveStage& stage, std::string_view outcome, std::string_view message,
                      std::string_view detail) {
  static constexpr const char* kInsert =
      "INSERT INTO attempt (stage_id, attempt, ready_since, started_at, finished_at, outcome, message, detail)"
      " VALUES (?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''))";
  return store.database.use(kInsert)
      .bind(stage.stage_id, stage.attempt, stage.ready_since, stage.started_at.value_or(store.now), store.now, outcome,
            message, detail)
      .run();
}

Status end_stage(Store& store, const ActiveStage& stage, StageState state, std::string_view result, const Error* error,
                 bool leased) {
  static constexpr const char* kCompleted =
      "UPDATE stage SET state = 'completed', boot_id = NULL, finished_at = ?, result = nullif(?, ''),"
      " error_code = NULL, error_message = NULL, crashes = ? WHERE id = ?";
  static constexpr const char* kEnded =
      "UPDATE stage SET state = ?, boot_id = NULL, run_at = NULL, finished_at = ?, error_code = ?, error_message = ?,"
      " crashes = ? WHERE id = ?";
  if (state == StageState::completed) {
    VIVID_TRY(store.database.use(kCompleted).bind(store.now, result, stage.crashes, stage.stage_id).run());
  } else {
    const std::string_view code = error != nullptr ? to_text(error->code) : std::string_view();
    const std::string_view message = error != nullptr ? std::string_view(error->message) : std::string_view();
    VIVID_TRY(
        store.database.use(kEnded).bind(to_text(state), store.now, code, message, stage.crashes, stage.stage_id).run());
  }
  store.tally.add(leased ? Tally::Kind::in_progress : Tally::Kind::ready, stage.lane, -1);
  if (!stage.tell) return {};
  return put_stage(store, stage, state, result, error);
}

Status delay_stage(Store& store, const ActiveStage& stage, WallTime until, const Error* error) {
  static constexpr const char* kUpdate =
      "UPDATE stage SET state = 'ready', boot_id = NULL, run_at = ?, ready_since = ?, used = ?, crashes = ?,"
      " error_code = ?, error_message = ? WHERE id = ?";
  const bool now = until <= store.now;
  const WallTime ready_since = now ? store.now : until;
  const std::optional<std::string_view> code = error ? std::optional(to_text(error->code)) : std::nullopt;
  const std::optional<std::string_view> message =
      error ? std::optional<std::string_view>(error->message) : std::nullopt;
  VIVID_TRY(store.database.use(kUpdate)
                .bind(now ? std::nullopt : std::optional(until), ready_since, stage.used, stage.crashes, code, message,
                      stage.stage_id)
                .run());
  store.tally.add(Tally::Kind::in_progress, stage.lane, -1);
  store.tally.add(now ? Tally::Kind::ready : Tally::Kind::delayed, stage.lane, 1);
  store.work_changed = true;
  return {};
}

Result<JobState> advance(Store& store, const ActiveStage& ended) {
  static constexpr const char* kNext =
      "SELECT id, lane FROM stage WHERE id > ? AND id <= ? AND state = 'pending' ORDER BY id LIMIT 1";
  if (ended.ordinal + 1 < ended.stage_count) {
    Cursor row = store.database.use(kNext);
    row.bind(ended.stage_id, stage_id_of(ended.job_id, ended.stage_count - 1));
    VIVID_ASSIGN(const bool found, row.step());
    if (found) {
      VIVID_TRY(make_ready(store, row.integer(0), row.text(1), store.now));
      return ended.job_state;
    }
  }
  VIVID_TRY(end_job(store, {.job_id = ended.job_id, .from = ended.job_state, .to = JobState::completed}));
  return JobState::completed;
}

Status make_ready(Store& store, std::int64_t stage_id, std::string_view lane, WallTime run_at) {
  static constexpr const char* kUpdate = "UPDATE stage SET state = 'ready', ready_since = ?, run_at = ? WHERE id = ?";
  const bool now = run_at <= store.now;
  store.tally.add(now ? Tally::Kind::ready : Tally::Kind::delayed, lane, 1);
  store.work_changed = true;
  return store.database.use(kUpdate)
      .bind(now ? store.now : run_at, now ? std::nullopt : std::optional(run_at), stage_id)
      .run();
}

Status end_job(Store& store, const JobEnd& end) {
  static constexpr const char* kCompleted =
      "UPDATE job SET state = 'completed', finished_at = ?, error_code = NULL, error_message = NULL WHERE id = ?";
  static constexpr const char* kEnded =
      "UPDATE job SET state = ?, finished_at = ?, error_code = ?, error_message = ?, error_stage = ? WHERE id = ?";
  if (end.to == JobState::completed) {
    VIVID_TRY(store.database.use(kCompleted).bind(store.now, end.job_id).run());
  } else {
    const std::string_view code = end.error != nullptr ? to_text(end.error->code) : std::string_view();
    const std::string_view message = end.error != nullptr ? std::string_view(end.error->message) : std::string_view();
    VIVID_TRY(
        store.database.use(kEnded).bind(to_text(end.to), store.now, code, message, end.error_stage, end.job_id).run());
  }
  store.tally.add(Tally::Kind::job, to_text(end.from), -1);
  store.tally.add(Tally::Kind::job, to_text(end.to), 1);
  store.work_changed = true;
  if (!end.tell) return {};
  return put_final(store, end.job_id, end.to, end.error, end.error_stage);
}

std::int64_t rank_of(const Options& options, WallTime waiting_since, int priority) {
  const auto head_start = std::chrono::microseconds(options.priority_step) * priority;
  return (waiting_since - head_start).time_since_epoch().count();
}

}  // namespace vivid::queue
