#include <algorithm>
#include <string>

#include "queue/commands.h"
#include "queue/outbox.h"
#include "queue/schema.h"
#include "queue/stage_flow.h"

namespace vivid::queue {
namespace {

// The job ends with the stage, whose row is ended here too.
Result<StageOutcome> end_both(Store& store, const ActiveStage& stage, StageState stage_state, JobState job_state,
                              const Error& error) {
  VIVID_TRY(end_stage(store, stage, stage_state, "", &error));
  VIVID_TRY(end_job(store, {.job_id = stage.job_id,
                            .from = stage.job_state,
                            .to = job_state,
                            .error = &error,
                            .error_stage = stage.name,
                            .tell = stage.tell}));
  return StageOutcome{.stage_state = stage_state, .job_state = job_state, .retry_at = std::nullopt};
}

// As was asked for: stage and job end as cancelled, with the reason that was given then.
Result<StageOutcome> end_as_asked(Store& store, ActiveStage& stage) {
  stage.tell = is_told(stage.cancel_reason);
  return end_both(store, stage, StageState::cancelled, JobState::cancelled, stage.cancel_reason);
}

Result<StageOutcome> retry_later(Store& store, const ActiveStage& stage, int tries, const Error& error) {
  WallTime at = store.now + full_jitter(store.options.retry, tries, store.random);
  // Not past the deadline: there the claim ends the job, and it should not wait longer for that.
  if (stage.deadline) at = std::min(at, std::max(*stage.deadline, store.now));
  VIVID_TRY(delay_stage(store, stage, at, &error));
  VIVID_TRY(put_attempt(store, stage, error, at));
  return StageOutcome{.stage_state = StageState::ready, .job_state = stage.job_state, .retry_at = at};
}

// Whether the request to cancel has stopped a stage that was still to come. Skipped ones were never to run.
Result<bool> leaves_work_undone(Store& store, const ActiveStage& stage) {
  static constexpr const char* kSelect =
      "SELECT 1 FROM stage WHERE id > ? AND id <= ? AND state IN ('pending', 'ready', 'cancelled') LIMIT 1";
  Cursor row = store.database.use(kSelect);
  row.bind(stage.stage_id, stage_id_of(stage.job_id, stage.stage_count - 1));
  return row.step();
}

Result<StageOutcome> give_up(Store& store, const ActiveStage& stage, JobState job_state, const Error& error) {
  if (stage.critical) return end_both(store, stage, StageState::failed, job_state, error);
  VIVID_TRY(end_stage(store, stage, StageState::failed, "", &error));
  VIVID_ASSIGN(const JobState state, advance(store, stage));
  return StageOutcome{.stage_state = StageState::failed, .job_state = state, .retry_at = std::nullopt};
}

Result<StageOutcome> crash(Store& store, ActiveStage& stage, const Error& error) {
  static constexpr const char* kCount = "UPDATE job SET crashes = crashes + 1 WHERE id = ?";
  ++stage.crashes;
  ++stage.job_crashes;
  VIVID_TRY(store.database.use(kCount).bind(stage.job_id).run());
  if (stage.cancel_requested) return end_as_asked(store, stage);
  if (stage.job_crashes < store.options.max_crashes) return retry_later(store, stage, stage.job_crashes, error);
  const Error reason{error.code, "ended its worker " + std::to_string(stage.job_crashes) +
                                     " times; last: " + (error.message.empty() ? "no message" : error.message)};
  return give_up(store, stage, JobState::quarantined, reason);
}

Result<StageOutcome> fail_leased(Store& store, ActiveStage& stage, const Error& error, std::string_view detail) {
  VIVID_TRY(record_attempt(store, stage, to_text(error.code), error.message, detail));
  switch (disposition_of(error.code)) {
    case Disposition::crash:
      return crash(store, stage, error);
    case Disposition::retry: {
      if (stage.cancel_requested) return end_as_asked(store, stage);
      const int failures = stage.used - stage.crashes;
      if (failures < stage.max_attempts) return retry_later(store, stage, failures, error);
      return give_up(store, stage, JobState::failed, error);
    }
    case Disposition::fail:
      // The deadline is the whole request's: nothing that follows could run either.
      if (error.code == ErrorCode::overall_deadline) {
        return end_both(store, stage, StageState::failed, JobState::failed, error);
      }
      return give_up(store, stage, JobState::failed, error);
    case Disposition::cancel:
      if (stage.cancel_requested) return end_as_asked(store, stage);
      return end_both(store, stage, StageState::cancelled, JobState::cancelled, error);
    case Disposition::stale:
      stage.tell = false;
      return end_both(store, stage, StageState::cancelled, JobState::cancelled, error);
  }
  return fail(ErrorCode::internal, "error code without a disposition");
}

}  // namespace

Result<StageOutcome> complete_stage(Store& store, const LeaseKey& key, std::string_view result,
                                    std::string_view detail) {
  VIVID_ASSIGN(const ActiveStage stage, find_leased(store, key));
  VIVID_TRY(record_attempt(store, stage, "completed", "", detail));
  VIVID_TRY(end_stage(store, stage, StageState::completed, result, nullptr));
  StageOutcome outcome{.stage_state = StageState::completed, .job_state = stage.job_state, .retry_at = std::nullopt};
  // Work that is all done is done, whatever was asked meanwhile.
  bool undone = false;
  if (stage.cancel_requested) {
    VIVID_ASSIGN(undone, leaves_work_undone(store, stage));
  }
  if (undone) {
    VIVID_TRY(end_job(store, {.job_id = stage.job_id,
                              .from = stage.job_state,
                              .to = JobState::cancelled,
                              .error = &stage.cancel_reason,
                              .error_stage = stage.name,
                              .tell = is_told(stage.cancel_reason)}));
    outcome.job_state = JobState::cancelled;
    return outcome;
  }
  VIVID_ASSIGN(outcome.job_state, advance(store, stage));
  return outcome;
}

Result<StageOutcome> fail_stage(Store& store, const LeaseKey& key, const Error& error, std::string_view detail) {
  VIVID_ASSIGN(ActiveStage stage, find_leased(store, key));
  return fail_leased(store, stage, error, detail);
}

Result<StageOutcome> snooze_stage(Store& store, const LeaseKey& key, WallTime until, std::string_view reason) {
  VIVID_ASSIGN(ActiveStage stage, find_leased(store, key));
  VIVID_TRY(record_attempt(store, stage, until <= store.now ? "released" : "snoozed", reason, ""));
  if (stage.cancel_requested) return end_as_asked(store, stage);
  --stage.used;
  VIVID_TRY(delay_stage(store, stage, until, nullptr));
  return StageOutcome{.stage_state = StageState::ready, .job_state = stage.job_state, .retry_at = until};
}

Result<StageOutcome> recover_stage(Store& store, const LeaseKey& key) {
  VIVID_ASSIGN(ActiveStage stage, find_leased(store, key));
  if (stage.boot_id == store.boot_id) {
    return fail(ErrorCode::invalid_input, "stage " + std::to_string(key.stage_id) +
                                              " is leased by this daemon; only an earlier one's can be recovered");
  }
  return fail_leased(store, stage, {ErrorCode::worker_crashed, "the daemon that ran it ended"}, "");
}

}  // namespace vivid::queue
