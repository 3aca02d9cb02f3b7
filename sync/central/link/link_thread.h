// The thread of a link: how it waits, is woken, and is stopped whatever it is in the middle of.
//
// Threads: wake(), stop() and stopping() from any; the waiting ones are for the thread itself.
// Ownership: stop() must be called before what the thread uses goes. Errors: none.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "sync/central/link/wake_signal.h"
#include "sync/central/session/interrupt.h"

namespace vivid::sync {

class LinkThread {
 public:
  ~LinkThread();

  // Every session of the link has it.
  std::shared_ptr<Interrupt> interrupt() const { return interrupt_; }

  // Once.
  void start(std::function<void()> run);
  // Asks the thread to end; what it waits for is ended `grace` later. Returns when the thread is gone.
  void stop(std::chrono::milliseconds grace);
  bool stopping() const { return stopping_.load(); }
  // Half of the grace has passed: no new work.
  bool past_half_of_grace() const;

  void wake();
  bool was_woken();
  // Until woken, stopped, or the socket is readable (-1: none). A wake() is not used up.
  void wait(std::chrono::milliseconds timeout, int socket = -1);
  // Until the time is over or it is to stop, however often it is woken.
  void pause(std::chrono::milliseconds time);

 private:
  std::shared_ptr<Interrupt> interrupt_ = std::make_shared<Interrupt>();
  WakeSignal signal_;
  std::atomic<bool> stopping_{false};
  std::mutex stop_mutex_;  // one stop() at a time
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = true;
  std::chrono::steady_clock::time_point half_of_grace_;
  std::thread thread_;
};

}  // namespace vivid::sync
