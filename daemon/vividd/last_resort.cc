#include "daemon/vividd/last_resort.h"

#include <pthread.h>
#include <unistd.h>

#include "base/log.h"

namespace vivid::daemon {

LastResort::~LastResort() {
  {
    const std::lock_guard lock(mutex_);
    called_off_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LastResort::set(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  {
    const std::lock_guard lock(mutex_);
    if (!end_ || end < *end_) end_ = end;
    if (!thread_.joinable()) thread_ = std::thread([this] { wait(); });
  }
  changed_.notify_all();
}

void LastResort::wait() {
  ::pthread_setname_np(::pthread_self(), "last-resort");
  std::unique_lock lock(mutex_);
  while (!called_off_ && std::chrono::steady_clock::now() < *end_) {
    const auto end = *end_;
    changed_.wait_until(lock, end);
  }
  if (called_off_) return;
  log::error("vividd does not come to its end: the process ends now, the next start recovers what was in progress");
  ::_exit(kExitUnfinished);
}

}  // namespace vivid::daemon
