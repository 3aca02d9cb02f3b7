#include "base/backoff.h"

#include <algorithm>
#include <cmath>

namespace vivid {

std::chrono::milliseconds full_jitter(const BackoffOptions& options, int attempt, Random& random) {
  const double exponent = static_cast<double>(std::max(attempt, 1) - 1);
  const double uncapped = static_cast<double>(options.initial.count()) * std::pow(options.factor, exponent);
  const double cap = std::min(uncapped, static_cast<double>(options.maximum.count()));
  return std::chrono::milliseconds(random.up_to(static_cast<std::uint64_t>(std::max(cap, 0.0))));
}

}  // namespace vivid
