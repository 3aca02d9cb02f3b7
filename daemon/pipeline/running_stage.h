// What the dispatcher remembers of a stage from its claim until the queue has its end on disk.
//
// Threads: the loop's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/loop/timer.h"
#include "daemon/pipeline/stage_context.h"
#include "daemon/pipeline/stage_run.h"
#include "daemon/workers/limit_watch.h"
#include "daemon/workers/worker_pool.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

struct RunningStage {
  queue::Lease lease;
  std::optional<WorkerName> worker;
  SteadyTime started;
  std::shared_ptr<PrepareControl> preparing;
  std::unique_ptr<StageRun> run;
  std::unique_ptr<LimitWatch> watch;
  // Why it is being ended early; the first reason counts.
  std::optional<Error> stopping;
  bool give_back = false;             // the attempt does not count
  std::string rerun_from;             // an earlier stage whose files are broken
  std::optional<StageReport> report;  // it has ended; the queue is being told
  bool refused = false;               // by the queue, which is told of that instead
  std::unique_ptr<Timer> settle_timer;

  void stop(const Error& why) {
    if (stopping || report) return;
    stopping = why;
    if (preparing) preparing->stop = true;
    if (run) run->stop(why);
  }

  log::Fields fields() const {
    return {{"correlation_id", lease.correlation_id},
            {"job", lease.uid},
            {"stage", lease.stage},
            {"attempt", lease.key.attempt}};
  }
};

}  // namespace vivid::daemon
