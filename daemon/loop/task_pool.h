// A few threads for what would block the event loop: disk, SQLite reads, parsing. Work that must not wait behind other
// work has a pool of its own.
//
// Threads: submit() from the loop; the work runs on a thread of the pool, its answer back on the loop.
// Ownership: the destructor lets what runs end, and drops what waits together with its answers.
// Errors: submit answers resource_exhausted when `max_waiting` tasks wait; nothing is then run.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "daemon/loop/mailbox.h"

namespace vivid::daemon {

class TaskPool {
 public:
  struct Options {
    std::string name;  // of its threads, at most 15 bytes
    int threads = 1;
    std::size_t max_waiting = 10'000;
  };

  TaskPool(Options options, Mailbox::Poster loop);
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  // Runs work() on a thread, then answer(its value) on the loop.
  template <typename Work, typename Answer>
  Status submit(Work work, Answer answer) {
    return enqueue([work = std::move(work), answer = std::move(answer), loop = loop_]() mutable {
      auto value = std::make_shared<decltype(work())>(work());
      loop([answer = std::move(answer), value]() mutable { answer(std::move(*value)); });
    });
  }

  // Starts threads until there are so many. Never ends one: an idle thread costs nothing.
  void grow_to(int threads);

  std::size_t waiting() const;

 private:
  Status enqueue(std::function<void()> task);
  void run_thread(int index);

  const Options options_;
  const Mailbox::Poster loop_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vivid::daemon
