// The configuration in the words of each room: who needs which part of it.
//
// Threads: pure functions over values.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "daemon/gpu/gpu_fleet.h"
#include "daemon/gpu/gpu_watch.h"
#include "daemon/pipeline/dispatcher.h"
#include "daemon/pipeline/job_plan.h"
#include "daemon/pipeline/stage_runner.h"
#include "daemon/workers/worker_pool.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

PlanOptions plan_options(const config::Config& config);
WorkerPoolOptions worker_options(const config::Config& config);
DispatcherOptions dispatcher_options(const config::Config& config);
StageRunnerOptions runner_options(const config::Config& config);
// Threads that the stages which vividd runs itself can never fill: some are left for the preparation of others.
int stage_threads(const config::Config& config);
GpuFleetOptions gpu_fleet_options(const config::Config& config);
GpuWatchOptions gpu_watch_options(const config::Config& config);
queue::Options queue_options(const config::Config& config);
log::Level log_level(const config::Config& config);

// Keys that differ, and of these the ones that a running daemon cannot take over.
struct ConfigChange {
  std::vector<std::string> changed;
  std::vector<std::string> needs_restart;
};
ConfigChange compare(const config::Config& before, const config::Config& after);
// `config` with what a running daemon can take over from `fresh`; the rest stays as it is, so that status and behaviour
// agree.
config::Config with_live_part(config::Config config, const config::Config& fresh);

}  // namespace vivid::daemon
