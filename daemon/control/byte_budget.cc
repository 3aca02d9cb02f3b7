#include "daemon/control/byte_budget.h"

#include <utility>

namespace vivid::daemon {

std::shared_ptr<void> ByteBudget::hold(std::uint64_t bytes) {
  held_ += bytes;
  return {nullptr, [budget = shared_from_this(), bytes](void*) {
            budget->held_ -= bytes;
            budget->wake_next();
          }};
}

void ByteBudget::wake_next() {
  while (!exhausted() && !waiting_.empty()) {
    const auto wake = std::move(waiting_.front());
    waiting_.pop_front();
    if (wake()) return;
  }
}

}  // namespace vivid::daemon
