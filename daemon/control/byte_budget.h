// Bounds the bytes of unanswered requests over all connections. Who finds no room waits its turn, first come first
// served.
//
// Threads: the loop's. Ownership: holds keep the budget; waiters are asked whether they are still there.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

namespace vivid::daemon {

class ByteBudget : public std::enable_shared_from_this<ByteBudget> {
 public:
  explicit ByteBudget(std::uint64_t limit) : limit_(limit) {}

  // No more should be taken in. The last request taken may go over the limit.
  bool exhausted() const { return held_ >= limit_; }
  // Counts `bytes` for as long as the result lives.
  std::shared_ptr<void> hold(std::uint64_t bytes);

  // `wake` is called once when there is room; it answers false if nobody is there any more, and must not take anything
  // in itself. Whoever was woken calls wake_next() when done.
  void wait(std::function<bool()> wake) { waiting_.push_back(std::move(wake)); }
  void wake_next();

 private:
  std::uint64_t limit_;
  std::uint64_t held_ = 0;
  std::deque<std::function<bool()>> waiting_;
};

}  // namespace vivid::daemon
