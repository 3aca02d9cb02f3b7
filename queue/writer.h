// The queue's own thread: gathers what callers have posted, commits it together, then answers. While one transaction
// is being written the next one gathers, so there is no timer, and a lone caller never waits for company.
//
// Threads: post(), suspended() and set_listener() from any; answers and the listener come on the writer's thread, but
// for those to a post() that is refused, which come from inside post(). Ownership: owns its thread; the destructor
// finishes what was posted. Borrows options and clock. Errors: an error of the disk suspends: the batch and everything
// posted until the file is back is answered with it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "queue/command.h"
#include "queue/transactor.h"

namespace vivid::queue {

class Writer {
 public:
  Writer(const Options& options, std::unique_ptr<Transactor> transactor, std::function<void()> on_reopen);
  ~Writer();

  void set_listener(std::function<void()> listener);
  void post(std::unique_ptr<Command> command);
  std::optional<Error> suspended() const;

 private:
  using Batch = std::vector<std::unique_ptr<Command>>;

  void run();
  // Waits for commands, or for the time to try to reopen. False: stopped, and nothing waits.
  bool gather(Batch& batch);
  // Goes on as soon as as many wait as were answered last, or no more of them come.
  void await_company(std::unique_lock<std::mutex>& lock);
  void take(Batch& batch);
  void process(Batch& batch);
  void process_alone(Batch& batch);
  void answer(Batch& batch);
  void suspend(const Error& error);
  void try_to_resume();
  void tell_listener() const;

  const Options& options_;
  std::unique_ptr<Transactor> transactor_;
  std::function<void()> on_reopen_;
  std::function<void()> listener_;
  Random random_;
  int reopen_attempts_ = 0;
  std::chrono::steady_clock::time_point reopen_at_{};
  std::size_t last_batch_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::unique_ptr<Command>> waiting_;
  std::size_t waiting_bytes_ = 0;  // of waiting_
  bool sleeping_ = false;
  bool stopping_ = false;
  std::optional<Error> suspended_;

  std::thread thread_;
};

}  // namespace vivid::queue
