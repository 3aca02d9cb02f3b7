// Everything a running vividd consists of, in the order it is made; it is taken apart backwards.
//
// Threads: touched on the loop's thread alone, but for what each part says of itself.
#pragma once

#include <uv.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "config/config.h"
#include "daemon/control/control_server.h"
#include "daemon/gpu/gpu_fleet.h"
#include "daemon/gpu/gpu_watch.h"
#include "daemon/http/http_server.h"
#include "daemon/intake/script_provider.h"
#include "daemon/intake/text_path.h"
#include "daemon/joblog/job_log.h"
#include "daemon/loop/mailbox.h"
#include "daemon/loop/task_pool.h"
#include "daemon/metrics/metrics.h"
#include "daemon/pipeline/admission.h"
#include "daemon/pipeline/dispatcher.h"
#include "daemon/pipeline/progress_board.h"
#include "daemon/pipeline/spool.h"
#include "daemon/pipeline/stage_runner.h"
#include "daemon/vividd/object_store.h"
#include "daemon/vividd/watchers.h"
#include "daemon/workers/worker_pool.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

class Central;

enum class RunState { running, draining, stopping };

struct Parts {
  uv_loop_t* loop = nullptr;
  const Clock& clock = system_clock();
  config::Config config;
  std::function<Result<config::Config>()> load_config;  // as at the start
  SteadyTime started_at = clock.steady_now();
  RunState state = RunState::running;
  bool recovered = false;  // what an earlier vividd left in progress is taken back

  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<JobLog> job_log;
  std::unique_ptr<queue::JobQueue> queue;
  StoreParts storage;
  sync::ObjectStore* store = nullptr;  // that of `storage`
  std::unique_ptr<ScriptProvider> scripts;
  std::unique_ptr<Spool> spool;
  std::unique_ptr<Mailbox> mailbox;
  // One for each kind of work that must not wait behind another.
  std::unique_ptr<TaskPool> text_pool;    // requests for text alone, from parsing to the answer
  std::unique_ptr<TaskPool> intake_pool;  // parsing all others
  std::unique_ptr<TaskPool> read_pool;    // queue reads for clients
  std::unique_ptr<TaskPool> stage_pool;   // stages that vividd runs itself, checkpoints, housekeeping
  std::unique_ptr<TaskPool> watch_pool;   // disk and queue at a glance
  std::unique_ptr<Admission> admission;
  std::unique_ptr<GpuFleet> gpus;
  std::unique_ptr<GpuWatch> gpu_watch;
  std::unique_ptr<WorkerPool> workers;
  std::unique_ptr<StageRunner> runner;
  std::unique_ptr<TextPath> text_path;
  std::unique_ptr<Watchers> watchers;
  std::unique_ptr<ProgressBoard> board;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<Central> central;  // null without a central database
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<ControlServer> control;

  // As last seen; the reads behind it are made every few seconds.
  std::optional<queue::Counts> counts;
  std::vector<std::string> paused_lanes;
  std::int64_t texts_completed = 0;
  std::int64_t texts_failed = 0;
  double texts_saved_usd = 0.0;
  std::int64_t encoder_fallbacks = 0;
  std::string last_fallback;  // its reason
  std::vector<render::GpuGauges> gpu_gauges;

  TextPath::Options text_options() const { return {config.storage.bucket, config.paths.spool / "text"}; }
};

}  // namespace vivid::daemon
