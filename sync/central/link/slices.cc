#include "sync/central/link/slices.h"

namespace vivid::sync {

void SliceSize::took(std::chrono::milliseconds time) {
  if (time > longest_) {
    current_ = std::max(current() / 2, 1);
  } else if (time < longest_ / 4) {
    current_ = std::min(current() * 2, maximum_);
  }
}

std::size_t end_of_part(const std::vector<Delivery>& deliveries, std::size_t from) {
  std::size_t end = from;
  std::size_t bytes = 0;
  while (end < deliveries.size() && end - from < kMaxDeliveryRows) {
    bytes += deliveries[end].body.size();
    if (bytes > kMaxDeliveryBytes && end > from) break;
    ++end;
  }
  return end;
}

}  // namespace vivid::sync
