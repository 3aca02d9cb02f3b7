#include "sync/http/send_budget.h"

#include <algorithm>

namespace vivid::sync {
namespace {

// What was not used may be made up for, but not for longer than this.
constexpr double kBurstSeconds = 0.25;

}  // namespace

std::size_t SendBudget::take(std::size_t wanted, SteadyTime now) {
  if (!limited()) return wanted;
  const auto rate = static_cast<double>(bytes_per_second_);
  const double passed = std::chrono::duration<double>(now - filled_at_).count();
  left_ = std::min(left_ + std::max(passed, 0.0) * rate, std::max(rate * kBurstSeconds, 1.0));
  filled_at_ = now;
  const auto taken = std::min(wanted, static_cast<std::size_t>(left_));
  left_ -= static_cast<double>(taken);
  return taken;
}

}  // namespace vivid::sync
