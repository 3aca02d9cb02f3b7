// Bounds a rate: one token an event, refilled evenly, up to one second's worth at once.
//
// Threads: one thread. Units: times are milliseconds of any clock that does not go back.
#pragma once

#include <cstdint>

namespace vivid::daemon {

class TokenBucket {
 public:
  // `per_second` of at least 1; starts full.
  TokenBucket(int per_second, std::uint64_t now_ms);
  // False: none left, try again after wait_ms().
  bool take(std::uint64_t now_ms);
  // Until the next token, rounded up; at least 1.
  std::uint64_t wait_ms() const;

 private:
  double per_ms_;
  double capacity_;
  double tokens_;
  std::uint64_t filled_at_ms_;
};

}  // namespace vivid::daemon
