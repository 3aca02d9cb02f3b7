// Whether work may begin: there is room on the disk and the queue keeps what it is given.
//
// Threads: the loop's; the disk is asked on a pool.
#pragma once

#include <uv.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "daemon/loop/task_pool.h"
#include "daemon/loop/timer.h"

namespace vivid::daemon {

class Admission {
 public:
  struct Options {
    std::filesystem::path directory;  // on the disk that is watched
    std::uint64_t min_free_bytes = 1ULL << 30;
    std::chrono::milliseconds interval{3'000};
  };
  // `suspended` says why the queue keeps nothing; called on the pool. `on_change` is called when open() has changed.
  Admission(uv_loop_t* loop, TaskPool& pool, Options options, std::function<std::optional<Error>()> suspended,
            std::function<void()> on_change);

  void set_min_free_bytes(std::uint64_t bytes) { options_.min_free_bytes = bytes; }
  // Looks now, on the calling thread, and then again and again on the pool.
  void start();

  bool open() const { return !closed_; }
  // disk_full, or the queue's error; only when it is not open.
  const std::optional<Error>& closed_reason() const { return closed_; }
  std::uint64_t disk_free_bytes() const { return free_bytes_; }

 private:
  void look();
  void decide(const Result<std::uint64_t>& free, std::optional<Error> suspended);

  TaskPool& pool_;
  Options options_;
  std::function<std::optional<Error>()> suspended_;
  std::function<void()> on_change_;
  bool looking_ = false;
  std::optional<Error> closed_;
  std::uint64_t free_bytes_ = 0;
  Timer timer_;
};

}  // namespace vivid::daemon
