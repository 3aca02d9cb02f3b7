#include "daemon/gpu/circuit_breaker.h"

#include <algorithm>
#include <array>

namespace vivid::daemon {

std::string_view to_text(BreakerState state) {
  constexpr std::array<std::string_view, 3> kNames{"closed", "open", "half_open"};
  return kNames[static_cast<std::size_t>(state)];
}

BreakerState CircuitBreaker::state(SteadyTime now) const {
  if (!is_open_) return BreakerState::closed;
  return rested(now) ? BreakerState::half_open : BreakerState::open;
}

std::chrono::milliseconds CircuitBreaker::rest_left(SteadyTime now) const {
  if (!is_open_ || now >= until_) return std::chrono::milliseconds(0);
  return std::chrono::ceil<std::chrono::milliseconds>(until_ - now);
}

void CircuitBreaker::begin(SteadyTime now) {
  if (rested(now)) trying_ = true;
}

void CircuitBreaker::succeeded() {
  is_open_ = false;
  trying_ = false;
  failures_ = 0;
  rests_ = 0;
}

void CircuitBreaker::failed(SteadyTime now) {
  ++failures_;
  // What began before it was put aside says nothing new.
  if (is_open_ && !trying_) return;
  if (!is_open_ && failures_ < options_.failures) return;
  is_open_ = true;
  trying_ = false;
  constexpr int kMostDoublings = 20;
  const auto rest = options_.rest * (std::int64_t{1} << std::min(rests_, kMostDoublings));
  until_ = now + std::min(rest, std::max(options_.rest, options_.longest_rest));
  ++rests_;
  ++times_opened_;
}

}  // namespace vivid::daemon
