// The link's state, written by its thread and read by any.
//
// Threads: all functions are safe from any thread.
#pragma once

#include <mutex>
#include <utility>

namespace vivid::sync {

template <typename State>
class StateBook {
 public:
  template <typename Change>
  void change(Change&& change) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::forward<Change>(change)(state_);
  }
  State read() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return state_;
  }

 private:
  mutable std::mutex mutex_;
  State state_;
};

}  // namespace vivid::sync
