#include "daemon/control/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace vivid::daemon {

TokenBucket::TokenBucket(int per_second, std::uint64_t now_ms)
    : per_ms_(per_second / 1000.0), capacity_(per_second), tokens_(per_second), filled_at_ms_(now_ms) {}

bool TokenBucket::take(std::uint64_t now_ms) {
  if (now_ms > filled_at_ms_) {
    tokens_ = std::min(capacity_, tokens_ + per_ms_ * static_cast<double>(now_ms - filled_at_ms_));
    filled_at_ms_ = now_ms;
  }
  if (tokens_ < 1.0) return false;
  tokens_ -= 1.0;
  return true;
}

std::uint64_t TokenBucket::wait_ms() const {
  return static_cast<std::uint64_t>(std::max(1.0, std::ceil((1.0 - tokens_) / per_ms_)));
}

}  // namespace vivid::daemon
