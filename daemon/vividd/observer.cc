#include "daemon/vividd/observer.h"

#include "daemon/pipeline/job_plan.h"
#include "daemon/vividd/central.h"

namespace vivid::daemon {

void Observer::stage_started(const queue::Lease& lease, std::chrono::microseconds waited) {
  parts_.metrics->stage_started(lease.stage, waited);
  parts_.board->stage_started(lease);
}

void Observer::stage_progressed(const queue::Lease& lease, const render::Progress& progress) {
  parts_.board->progressed(lease, progress);
}

void Observer::count_result(const queue::Lease& lease, const render::StageResult& result) {
  if (lease.stage == render::kStageVideoGeneration) {
    if (!result.hold_problem.empty()) parts_.metrics->not_held(result.hold_problem);
    parts_.metrics->rendered(result.encoder, result.fallback_reason, result.frames, Seconds(result.media_seconds));
    if (!result.fallback_reason.empty()) {
      ++parts_.encoder_fallbacks;
      parts_.last_fallback = result.fallback_reason;
    }
  }
  if (result.reuse) parts_.metrics->reused(*result.reuse);
  if (lease.stage == kStageVideoProcessing) {
    std::uint64_t bytes = 0;
    for (const render::ProducedFile& file : result.files) bytes += file.size_bytes;
    parts_.metrics->uploaded(result.files.size(), bytes);
  }
}

void Observer::stage_settled(const queue::Lease& lease, const StageReport& report, const queue::StageOutcome& outcome,
                             std::chrono::microseconds took) {
  if (report.result) {
    parts_.metrics->stage_completed(lease.stage, took);
    count_result(lease, *report.result);
  } else if (parts_.state == RunState::stopping && outcome.stage_state == queue::StageState::ready) {
    parts_.metrics->stage_released(lease.stage, took);
  } else {
    parts_.metrics->stage_failed(lease.stage, report.result.error().code, took);
  }
  parts_.board->stage_ended(lease, outcome.job_state);
  if (!is_final(outcome.job_state)) return;
  log::info("job ended", {{"correlation_id", lease.correlation_id},
                          {"job", lease.uid},
                          {"stage", lease.stage},
                          {"attempt", lease.key.attempt},
                          {"state", queue::to_text(outcome.job_state)}});
  job_ended(lease.uid, lease.correlation_id, outcome.job_state);
}

void Observer::job_cancelled(const queue::JobSummary& job) {
  constexpr auto kState = queue::JobState::cancelled;
  log::info("job ended", {{"correlation_id", job.correlation_id},
                          {"job", job.uid},
                          {"stage", job.current_stage},
                          {"attempt", job.attempt},
                          {"state", queue::to_text(kState)}});
  parts_.board->changed(job.uid, kState);
  job_ended(job.uid, job.correlation_id, kState);
}

void Observer::job_ended(const std::string& uid, const std::string& correlation_id, queue::JobState state) {
  housekeeping_.job_ended(uid, correlation_id, state);
  const Status asked = parts_.read_pool->submit(
      [&queue = *parts_.queue, uid]() -> Result<queue::JobSummary> {
        VIVID_ASSIGN(const auto job, queue.summary(uid));
        if (!job || !job->finished_at) return fail(ErrorCode::not_found, "no ended job " + uid);
        return *job;
      },
      [this, state](const Result<queue::JobSummary>& job) {
        if (!job) return;
        parts_.metrics->job_finished(job->job_class, queue::to_text(state), *job->finished_at - job->created_at);
        if (parts_.central) parts_.central->host().job_ended(*job);
      });
  if (!asked) {
    log::warning("a job's end is not counted",
                 {{"correlation_id", correlation_id}, {"job", uid}, {"reason", asked.error().message}});
  }
}

}  // namespace vivid::daemon
