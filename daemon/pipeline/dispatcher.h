// Takes ready stages from the queue as lanes have room, runs each under its limits, and tells the queue how it ended.
//
//   wake() ─▶ fill lanes ─▶ claim ─▶ prepare (files of earlier stages verified) ─▶ run ─▶ settle ─▶ fill …
//
// Threads: the loop's. The queue's completions and the pool's answers come back through the mailbox.
// Ownership: everything in Parts must outlive the dispatcher.
// Bounds: stages at once by lane; reads of the queue at most a few a second however often it is woken.
#pragma once

#include <uv.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/loop/mailbox.h"
#include "daemon/loop/task_pool.h"
#include "daemon/loop/timer.h"
#include "daemon/pipeline/admission.h"
#include "daemon/pipeline/running_stage.h"
#include "daemon/pipeline/spool.h"
#include "daemon/pipeline/stage_runner.h"
#include "daemon/workers/worker_pool.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

struct DispatcherOptions {
  std::map<std::string, int> capacity;  // stages at once, by lane
  std::chrono::milliseconds whole_request{815'000};
};

// What others want to know of a stage's life. All are called on the loop.
class DispatchObserver {
 public:
  virtual ~DispatchObserver() = default;
  virtual void stage_started(const queue::Lease& lease, std::chrono::microseconds waited) = 0;
  virtual void stage_progressed(const queue::Lease& lease, const render::Progress& progress) = 0;
  // After the queue has it on disk.
  virtual void stage_settled(const queue::Lease& lease, const StageReport& report, const queue::StageOutcome& outcome,
                             std::chrono::microseconds took) = 0;
};

class Dispatcher {
 public:
  struct Parts {
    uv_loop_t* loop;
    const Clock& clock;
    Mailbox::Poster poster;
    TaskPool& pool;
    queue::JobQueue& queue;
    WorkerPool& workers;
    StageRunner& runner;
    const Admission& admission;
    const Spool& spool;
    DispatchObserver& observer;
  };

  Dispatcher(Parts parts, DispatcherOptions options);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  void set_options(DispatcherOptions options);
  // Before it nothing is claimed.
  void start();
  // Something may be ready, due or cancelled.
  void wake();
  // What runs of this job is stopped now; the queue has it marked as cancelled.
  void stop_job(const std::string& uid) { stop_cancelled({uid}); }

  // Takes no more stages; `idle` is called once none is left.
  void drain(std::function<void()> idle);
  bool draining() const { return draining_; }
  // Takes stages again; whoever waited for the end of the drain no longer hears of it.
  void undo_drain();
  // Ends what runs and gives the attempts back.
  void give_back_all();
  // One line for each stage that has not ended.
  void log_running() const;
  // From now on an end that the queue cannot keep is not offered to it again: the next daemon recovers that stage.
  void abandon_unsettled();

  int running() const { return static_cast<int>(running_.size()); }
  int running_in(const std::string& lane) const;
  int capacity_of(const std::string& lane) const;

 private:
  struct Lane {
    bool claiming = false;
    bool again = false;     // woken while claiming
    bool counting = false;  // looking whether a worker is worth starting
  };

  bool may_start() const;
  void fill(const std::string& lane);
  void claim(const std::string& lane, std::optional<WorkerName> worker, int limit);
  void on_claimed(const std::string& lane, std::optional<WorkerName> worker, Result<std::vector<queue::Lease>> leases);
  void start_worker_if_needed(const std::string& lane);
  void begin(const queue::Lease& lease, std::optional<WorkerName> worker);
  void watch_limits(RunningStage& stage);
  // A sign of life of an attempt; null when it is over.
  RunningStage* touch(queue::LeaseKey key);
  void on_prepared(std::int64_t stage_id, Result<StageContext> context);
  void on_finished(std::int64_t stage_id, StageReport report);
  void settle(std::int64_t stage_id);
  void on_settled(std::int64_t stage_id, Result<queue::StageOutcome> outcome);
  void on_unsettled(RunningStage& stage, const Error& error);
  void look_around();
  void stop_cancelled(const std::vector<std::string>& uids);
  void check_idle();
  RunningStage* find(std::int64_t stage_id);

  template <typename Handler>
  auto on_loop(Handler handler) {
    return [poster = parts_.poster, handler = std::move(handler)](auto answer) {
      poster(
          [handler, answer = std::make_shared<decltype(answer)>(std::move(answer))] { handler(std::move(*answer)); });
    };
  }

  Parts parts_;
  DispatcherOptions options_;
  std::map<std::string, Lane> lanes_;
  std::map<std::int64_t, std::unique_ptr<RunningStage>> running_;  // by stage id
  bool started_ = false;
  bool draining_ = false;
  bool abandoning_ = false;
  bool giving_back_ = false;  // for good: the daemon ends
  std::function<void()> on_idle_;
  Timer wake_timer_;    // gathers wake-ups
  Timer due_timer_;     // the earliest delayed stage
  Timer patrol_timer_;  // whatever was missed
};

}  // namespace vivid::daemon
