// All that one attempt of one stage needs to know, gathered before it begins.
//
// Threads: prepare_stage blocks on the disk, so not on the event loop.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "base/error.h"
#include "daemon/intake/job_payload.h"
#include "daemon/pipeline/checkpoint.h"
#include "daemon/pipeline/spool.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

struct StageContext {
  queue::Lease lease;
  JobPayload payload;
  std::string script;  // the script or storyboard as JSON, for stages that a worker runs
  std::filesystem::path folder;
  std::vector<StageOutput> outputs;        // of the stages before
  std::chrono::milliseconds time_left{0};  // of the whole request
  // An earlier stage's files are gone or changed: this stage cannot run before that one has run again.
  std::optional<BrokenOutput> broken;

  // How the attempt before this one failed on a GPU; empty: it did not.
  std::string gpu_failure;

  // Null for a refused message.
  const Request* request() const { return std::get_if<Request>(&payload); }
};

// What the preparing thread and the loop share.
struct PrepareControl {
  std::atomic<bool> stop{false};
  std::function<void()> on_progress;  // from the preparing thread, after each file
};

// `whole_request`: how long a request may be worked on, all stages and attempts together; waiting does not count.
// cancelled when it was told to stop.
Result<StageContext> prepare_stage(const queue::JobQueue& queue, const Spool& spool, const queue::Lease& lease,
                                   std::chrono::milliseconds whole_request, const PrepareControl& control);

// The script or storyboard of the job: its author's, or what script_generation wrote.
Result<std::string> script_of(const StageContext& context);

// Time spent in the attempts that count towards the job's limit, the one that runs now among them.
std::chrono::milliseconds time_worked(const queue::JobView& job, WallTime now);

}  // namespace vivid::daemon
