// One vivid-render --worker process: its states, the task it runs, and why it ended.
//
// Threads: the loop's. Ownership: a worker's process is killed with it. Events may destroy the worker.
#pragma once

#include <uv.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/loop/child_process.h"
#include "daemon/loop/timer.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {

enum class WorkerState { starting, idle, busy, stopping };
std::string_view to_text(WorkerState state);

// How a task ended: its result, or an error; and, either way, where its time went.
struct TaskOutcome {
  Result<render::StageResult> result;
  std::vector<render::Step> steps;
  std::optional<render::Progress> last_progress;
};

struct TaskEvents {
  std::function<void(const render::Progress&)> on_progress;
  // Once, when the task is over for certain: a worker that had to be killed is gone.
  std::function<void(TaskOutcome)> on_done;
};

class Worker {
 public:
  struct Events {
    std::function<void(const render::Hello&)> on_ready;
    // The task is over and the worker could take another.
    std::function<void()> on_idle;
    // The process is gone; `reason` is a metric's label: exited, signal, protocol, start_failed, or what stop() gave.
    std::function<void(const std::string& reason)> on_gone;
  };
  // `environment`: NAME=value, beside the daemon's own.
  static Result<std::unique_ptr<Worker>> start(uv_loop_t* loop, const Clock& clock,
                                               const std::filesystem::path& program,
                                               const std::vector<std::string>& environment, std::string lane,
                                               Events events);

  std::int32_t pid() const { return child_->pid(); }
  std::uint64_t start_ticks() const { return child_->start_ticks(); }
  WorkerState state() const { return state_; }
  const std::string& lane() const { return lane_; }
  const render::Hello& hello() const { return hello_; }
  const std::string& job() const { return job_; }
  const std::string& stage() const { return stage_; }
  int stages_done() const { return stages_done_; }
  SteadyTime started_at() const { return started_at_; }

  // Only when idle.
  void run(const render::Task& task, TaskEvents events);
  // Ends the process: politely when idle, with the grace and then SIGKILL when busy. The task, if any, ends with
  // `error` once the process is gone.
  void stop(const std::string& reason, std::chrono::milliseconds grace, std::optional<Error> error);

 private:
  Worker(const Clock& clock, std::string lane, Events events);
  void on_message(std::string_view line);
  void on_broken_protocol(const std::string& what);
  void on_exit(const ChildExit& exit);
  void finish_task(TaskOutcome outcome);
  void log_output(std::string_view line) const;
  log::Fields fields() const;

  std::string lane_;
  Events events_;
  const SteadyTime started_at_;
  WorkerState state_ = WorkerState::starting;
  render::Hello hello_;
  std::string job_, stage_, correlation_id_;
  int attempt_ = 0;
  TaskEvents task_;
  std::optional<render::Progress> last_progress_;
  std::optional<Error> stop_error_;
  std::string stop_reason_;
  int stages_done_ = 0;
  std::unique_ptr<Timer> start_timer_;
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace vivid::daemon
