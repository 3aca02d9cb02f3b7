// How many bytes of files may leave now: all uploads of a host share one rate.
//
// Threads: one, the client's. Units: bytes and bytes a second; a rate of 0 is no limit.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace vivid::sync {

class SendBudget {
 public:
  explicit SendBudget(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  bool limited() const { return bytes_per_second_ > 0; }
  // At most `wanted`, and 0 while there is nothing left.
  std::size_t take(std::size_t wanted, SteadyTime now);

 private:
  const std::uint64_t bytes_per_second_;
  double left_ = 0.0;
  SteadyTime filled_at_{};
};

}  // namespace vivid::sync
