// One timer of the event loop, as a value that stops itself.
//
// Threads: the loop's. Ownership: the loop must outlive the timer. A callback may destroy its own timer.
#pragma once

#include <uv.h>

#include <chrono>
#include <functional>
#include <memory>

namespace vivid::daemon {

class Timer {
 public:
  explicit Timer(uv_loop_t* loop);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Replaces whatever it was set to.
  void once(std::chrono::milliseconds delay, std::function<void()> action);
  // The next tick comes `interval` after the one before.
  void every(std::chrono::milliseconds interval, std::function<void()> action);
  void stop();
  bool active() const;

 private:
  struct State;
  void set(std::chrono::milliseconds delay, std::chrono::milliseconds repeat, std::function<void()> action);
  State* state_;
};

}  // namespace vivid::daemon
