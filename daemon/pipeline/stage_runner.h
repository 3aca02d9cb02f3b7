// Starts stages: finds who runs which, and gives all of them the same face.
//
// Threads: the loop's. Ownership: pools, workers, store and provider must outlive the runner and every run.
#pragma once

#include <uv.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/gpu/gpu_fleet.h"
#include "daemon/intake/script_provider.h"
#include "daemon/loop/mailbox.h"
#include "daemon/loop/task_pool.h"
#include "daemon/pipeline/stage_context.h"
#include "daemon/pipeline/stage_run.h"
#include "daemon/workers/worker_pool.h"
#include "render/protocol/options.h"
#include "sync/storage/object_store.h"

namespace vivid::daemon {

struct StageRunnerOptions {
  std::string environment;
  std::string bucket;
  std::string cache_control;
  int parallel_uploads = 1;  // of one job
  render::RenderOptions render;
  std::vector<std::string> notify_command;
  std::string owner_mark;                          // see recovery.h
  std::chrono::milliseconds session_wait{30'000};  // for a GPU that is not required
  std::chrono::milliseconds grace{5'000};
};

class StageRunner {
 public:
  struct Parts {
    uv_loop_t* loop;
    Mailbox::Poster poster;
    TaskPool& pool;
    WorkerPool& workers;
    sync::ObjectStore& store;
    const ScriptProvider& scripts;
    GpuFleet* gpus = nullptr;  // null: workers find devices by themselves
    const Clock* clock = &system_clock();
  };
  StageRunner(Parts parts, StageRunnerOptions options) : parts_(std::move(parts)), options_(std::move(options)) {}

  void set_options(StageRunnerOptions options) { options_ = std::move(options); }

  // `worker` is reserved for stages that need one.
  std::unique_ptr<StageRun> start(const StageContext& context, std::optional<WorkerName> worker, StageEvents events);

 private:
  std::unique_ptr<StageRun> start_worker_stage(const StageContext& context, WorkerName worker, StageEvents events);
  std::unique_ptr<StageRun> start_own_stage(const StageContext& context, StageEvents events);
  std::unique_ptr<StageRun> start_notification(const StageContext& context, StageEvents events);

  Parts parts_;
  StageRunnerOptions options_;
};

}  // namespace vivid::daemon
