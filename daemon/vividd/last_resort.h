// Ends the process when its orderly end does not come: a thread hangs on a disk, or the kernel does not let a worker
// go. What is on disk stays there, and the next start recovers what was in progress.
//
// Threads: set() from any; a thread of its own waits, so that neither the event loop nor a join can hold it up.
// Ownership: the destructor calls it off.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace vivid::daemon {

// Exit status of a vividd that ended with work still in hand.
inline constexpr int kExitUnfinished = 4;

class LastResort {
 public:
  LastResort() = default;
  ~LastResort();
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;

  // The process ends after `limit`, unless this object is destroyed before. Of several limits the earliest counts.
  void set(std::chrono::milliseconds limit);

 private:
  void wait();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::chrono::steady_clock::time_point> end_;
  bool called_off_ = false;
  std::thread thread_;
};

}  // namespace vivid::daemon
