// Signals as events of the loop.
//
// Threads: the loop's.
#pragma once

#include <uv.h>

#include <functional>
#include <vector>

namespace vivid::daemon {

class Signals {
 public:
  Signals(uv_loop_t* loop, std::vector<int> numbers, std::function<void(int)> on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  std::function<void(int)> on_signal_;
  std::vector<uv_signal_t*> handles_;
};

}  // namespace vivid::daemon
