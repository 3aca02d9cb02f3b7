// What stages a job has: all eight, in order, those its modalities do not need marked as skipped.
//
// Threads: pure functions over values.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/intake/job_payload.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

inline constexpr std::string_view kLaneRender = "render";  // bounded by encoder sessions
inline constexpr std::string_view kLaneCpu = "cpu";        // other stages that need a worker process
inline constexpr std::string_view kLaneNet = "net";        // uploads and notifications: they wait more than work
// What vividd does itself before a job's first worker stage. Not in `net`: a new job never waits behind slow uploads.
inline constexpr std::string_view kLaneIntake = "intake";
const std::vector<std::string>& all_lanes();

inline constexpr std::string_view kStageValidation = "validation";
inline constexpr std::string_view kStageScriptGeneration = "script_generation";
inline constexpr std::string_view kStageVideoProcessing = "video_processing";  // the upload
inline constexpr std::string_view kStageNotification = "notification";
// All stages, in the order they run.
const std::vector<std::string>& all_stages();

struct PlanOptions {
  std::map<std::string, queue::StageLimits> limits;  // by stage; all stages are in it
  bool notify = false;                               // there is something to notify
};

// Which lane a stage runs in.
std::string lane_of(std::string_view stage);
// Whether the stages of a lane run in worker processes.
bool lane_has_workers(std::string_view lane);
// Whether a worker process runs it.
bool needs_worker(std::string_view stage);

queue::NewJob plan_job(const Request& request, const PlanOptions& options);
// A job that exists to be found: its validation says again what is wrong with the message.
queue::NewJob plan_rejected(const RejectedMessage& rejected, const MessageIdentity& identity,
                            const PlanOptions& options);

}  // namespace vivid::daemon
