#include "sync/central/link/link_thread.h"

#include "base/check.h"

namespace vivid::sync {

LinkThread::~LinkThread() { VIVID_CHECK(!thread_.joinable()); }

void LinkThread::start(std::function<void()> run) {
  VIVID_CHECK(!thread_.joinable() && !stopping());
  ended_ = false;
  thread_ = std::thread([this, run = std::move(run)] {
    run();
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  });
}

void LinkThread::stop(std::chrono::milliseconds grace) {
  const std::lock_guard<std::mutex> alone(stop_mutex_);
  if (!thread_.joinable()) return;
  std::unique_lock<std::mutex> lock(mutex_);
  half_of_grace_ = std::chrono::steady_clock::now() + grace / 2;
  stopping_ = true;
  changed_.notify_all();
  signal_.raise();
  changed_.wait_for(lock, grace, [this] { return ended_; });
  lock.unlock();
  interrupt_->raise();
  thread_.join();
}

bool LinkThread::past_half_of_grace() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stopping() && std::chrono::steady_clock::now() >= half_of_grace_;
}

void LinkThread::wake() { signal_.raise(); }

bool LinkThread::was_woken() { return signal_.wait(std::chrono::milliseconds(0)); }

void LinkThread::wait(std::chrono::milliseconds timeout, int socket) {
  if (signal_.wait(timeout, socket)) signal_.raise();
}

void LinkThread::pause(std::chrono::milliseconds time) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, time, [this] { return stopping(); });
}

}  // namespace vivid::sync
