// A batch in parts: small enough to answer between two renewals of its leases, and to deliver in one message.
//
// Threads: one thread. Errors: none.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "sync/central/results/deliveries.h"

namespace vivid::sync {

// How many requests to answer at a time. Doubles while answering is quick, halves when it takes long.
class SliceSize {
 public:
  SliceSize(int maximum, std::chrono::milliseconds longest) : maximum_(std::max(maximum, 1)), longest_(longest) {}

  int current() const { return std::min(current_, maximum_); }
  void took(std::chrono::milliseconds time);

 private:
  static constexpr int kFirst = 64;

  int maximum_;
  std::chrono::milliseconds longest_;
  int current_ = kFirst;
};

// End of the part that begins at `from`: within kMaxDeliveryRows and kMaxDeliveryBytes, and never empty.
std::size_t end_of_part(const std::vector<Delivery>& deliveries, std::size_t from);

}  // namespace vivid::sync
