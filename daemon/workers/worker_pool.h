// The workers of all lanes: started when there is work, kept warm, replaced after a number of stages, over a memory
// limit or an age, and never restarted in a busy loop.
//
// Threads: the loop's. Ownership: destroying the pool kills its workers. Callbacks come from the loop.
#pragma once

#include <uv.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "daemon/workers/worker.h"

namespace vivid::daemon {

struct WorkerPoolOptions {
  std::filesystem::path program;
  std::vector<std::string> environment;  // NAME=value, beside the daemon's own
  int max_stages = 100;
  std::uint64_t max_memory_bytes = 4ULL << 30;
  std::chrono::milliseconds max_age{std::chrono::hours(6)};
  std::chrono::milliseconds grace{5'000};
  std::map<std::string, int> capacity;  // workers by lane
  BackoffOptions restart{std::chrono::milliseconds(500), std::chrono::milliseconds(30'000), 2.0};
  int starts_before_unhealthy = 3;  // failed ones in a row
};

// Names a process, also one that is gone: a pid alone may be given again.
struct WorkerName {
  std::int32_t pid = 0;
  std::uint64_t start_ticks = 0;
};

struct WorkerSnapshot {
  std::int32_t pid = 0;
  std::string lane;
  WorkerState state = WorkerState::idle;
  std::string job;
  std::string stage;
  std::string gpu;
  int stages_done = 0;
  std::uint64_t resident_bytes = 0;
  std::chrono::milliseconds age{0};
};

class WorkerPool {
 public:
  struct Events {
    // This lane has a worker to reserve, or may start one again.
    std::function<void(const std::string& lane)> on_worker_free;
    std::function<void(const std::string& reason)> on_worker_gone;
    // The GPU that a new worker of the lane belongs to, when those of its lane belong to these (one entry each); empty:
    // none; nothing: not known yet, none is started. Left out: no worker belongs to one.
    std::function<std::optional<std::string>(const std::string& lane, const std::vector<std::string>& gpus)> gpu_for =
        nullptr;
    // Whether a worker of this GPU had better be replaced.
    std::function<bool(const std::string& gpu)> is_misplaced = nullptr;
  };

  WorkerPool(uv_loop_t* loop, const Clock& clock, WorkerPoolOptions options, Events events);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Limits for workers from now on; those over a smaller capacity end when idle.
  void set_options(WorkerPoolOptions options);

  // An idle worker of the lane, held for the caller until run() or release().
  std::optional<WorkerName> reserve(const std::string& lane);
  void release(WorkerName worker);
  // Whether a reserved worker is still there to run something.
  bool holds(WorkerName worker) const;
  // For a reserved worker that is still held.
  void run(WorkerName worker, const render::Task& task, TaskEvents events);
  // Ends the worker and the task it runs: see Worker::stop.
  void stop(WorkerName worker, const std::string& reason, Error error);

  // While it shuts down: who is still there has only so much time left.
  void hurry(std::chrono::milliseconds grace);

  // Starts a worker if the lane's capacity and the restart backoff allow. False: none was started.
  bool start_worker(const std::string& lane);
  // All workers end; no new ones. `done` is called when the last is gone.
  void shut_down(std::chrono::milliseconds grace, std::function<void()> done);

  // Workers whose GPU is no longer the one to use are replaced when they are idle.
  void review();
  // Empty: it belongs to none, or is gone.
  std::string gpu_of(WorkerName worker) const;

  // Why no worker can be had; empty: all is well.
  const std::string& unhealthy_reason() const { return unhealthy_reason_; }
  // What the last worker that got ready said about itself.
  const std::vector<std::string>& encoders() const { return encoders_; }
  std::vector<WorkerSnapshot> snapshot() const;
  int workers_in(const std::string& lane) const;

 private:
  struct Slot {
    std::unique_ptr<Worker> worker;
    bool reserved = false;
    std::string gpu;
  };
  Slot* slot_of(WorkerName name) const;
  void on_ready(Worker* worker, const render::Hello& hello);
  void on_gone(Worker* worker, const std::string& reason);
  void note_start_failure(const std::string& why);
  // After the backoff: lanes with work may start workers again; an unhealthy pool finds out by itself whether it can.
  void try_again();
  // The reason to replace an idle worker; empty: it may go on.
  std::string retirement_reason(const Slot& slot) const;
  void retire_if_due(Slot& slot);
  int capacity_of(const std::string& lane) const;
  std::optional<std::string> gpu_for_another(const std::string& lane) const;

  uv_loop_t* loop_;
  const Clock& clock_;
  WorkerPoolOptions options_;
  Events events_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::string> encoders_;
  Random random_;
  int failed_starts_ = 0;
  std::string unhealthy_reason_;
  // Workers that are gone, until the loop has left their callbacks.
  std::vector<std::unique_ptr<Slot>> retired_;
  Timer reaper_;
  Timer restart_timer_;
  Timer age_timer_;
  bool shutting_down_ = false;
  std::function<void()> on_all_gone_;
};

}  // namespace vivid::daemon
