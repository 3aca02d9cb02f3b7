// A stage of a worker that may encode on a GPU: it waits for a token of the worker's GPU, or does without, runs, and
// tells the fleet how the GPU did.
//
// Threads: the loop's. Ownership: parts must outlive the run.
#pragma once

#include <uv.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "daemon/gpu/gpu_fleet.h"
#include "daemon/pipeline/stage_context.h"
#include "daemon/pipeline/stage_run.h"
#include "daemon/workers/worker_pool.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {

struct GpuRunParts {
  uv_loop_t* loop;
  const Clock& clock;
  WorkerPool& workers;
  GpuFleet& gpus;
};

struct GpuTask {
  WorkerName worker;  // reserved for it
  render::Task task;
  int sessions = 1;                        // open at the same time
  std::string earlier_failure;             // how an attempt before failed on a GPU; empty: none did
  std::chrono::milliseconds longest_wait;  // for a token, where no GPU is required
};

// How many encoder sessions the stage opens on a GPU, if it may use one; 0: none.
int sessions_needed(const StageContext& context, const render::RenderOptions& options);

std::unique_ptr<StageRun> start_gpu_run(GpuRunParts parts, GpuTask task, StageEvents events);

// The pool's events for a stage that a worker runs.
TaskEvents task_events(StageEvents events);

}  // namespace vivid::daemon
