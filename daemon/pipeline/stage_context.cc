#include "daemon/pipeline/stage_context.h"

#include <algorithm>

#include "base/files.h"
#include "daemon/pipeline/job_plan.h"
#include "daemon/pipeline/stage_work.h"

namespace vivid::daemon {

std::chrono::milliseconds time_worked(const queue::JobView& job, WallTime now) {
  std::chrono::microseconds worked{0};
  for (const queue::AttemptView& attempt : job.attempts) {
    // A requeued job has its time again. What was given back is nobody's, and a crash may have been noticed hours
    // later.
    if (!job.summary.started_at || attempt.started_at < *job.summary.started_at) continue;
    if (attempt.outcome == "snoozed" || attempt.outcome == "released" || attempt.outcome == "worker_crashed") continue;
    worked += std::max(std::chrono::microseconds(0), attempt.finished_at.value_or(now) - attempt.started_at);
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(worked);
}

namespace {

// An attempt that ended like this, on a GPU, may have been ended by it.
bool may_be_the_gpus_fault(const std::string& outcome) {
  return outcome == to_text(ErrorCode::silence) || outcome == to_text(ErrorCode::worker_crashed) ||
         outcome == to_text(ErrorCode::unavailable);
}

std::string gpu_failure_of(const queue::JobView& job, const queue::Lease& lease) {
  std::string failure;
  for (const queue::AttemptView& attempt : job.attempts) {
    if (attempt.stage != lease.stage || attempt.attempt >= lease.key.attempt) continue;
    const bool suspect = may_be_the_gpus_fault(attempt.outcome) && attempt.detail.find("\"gpu\":") != std::string::npos;
    failure = suspect ? attempt.outcome : "";
  }
  return failure;
}

}  // namespace

Result<StageContext> prepare_stage(const queue::JobQueue& queue, const Spool& spool, const queue::Lease& lease,
                                   std::chrono::milliseconds whole_request, const PrepareControl& control) {
  StageContext context;
  context.lease = lease;
  VIVID_ASSIGN(context.payload, decode_payload(lease.payload));
  VIVID_ASSIGN(const auto job, queue.find(lease.uid));
  if (!job) return fail(ErrorCode::lease_lost, "job " + lease.uid + " is gone");
  context.time_left = whole_request - time_worked(*job, system_clock().now());
  context.gpu_failure = gpu_failure_of(*job, lease);
  VIVID_ASSIGN(context.folder, spool.open(lease.uid));
  VIVID_ASSIGN(const auto results, queue.stage_results(lease.uid));
  VIVID_ASSIGN(context.outputs, read_outputs(results));
  // Notification speaks about what is in the store by now, and needs no file.
  if (lease.stage != kStageNotification) {
    VIVID_ASSIGN(context.broken, find_broken(context.outputs, context.folder, [&control] {
                   control.on_progress();
                   return !control.stop.load();
                 }));
  }
  if (needs_worker(lease.stage) && !context.broken) {
    VIVID_ASSIGN(context.script, script_of(context));
  }
  return context;
}

Result<std::string> script_of(const StageContext& context) {
  const Request* request = context.request();
  if (request != nullptr && !request->input.empty()) return render::extract_json_object(request->input);
  return read_file(context.folder / kScriptFile, render::kMaxInputBytes);
}

}  // namespace vivid::daemon
