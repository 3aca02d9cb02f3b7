#include "sync/central/link/outage.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace vivid::sync {
namespace {

constexpr std::chrono::minutes kSayAgain{10};

bool passes_by_itself(ErrorCode code) {
  switch (code) {
    case ErrorCode::permission_denied:
    case ErrorCode::not_found:
    case ErrorCode::unsupported:
    case ErrorCode::invalid_input:
      return false;
    default:
      return true;
  }
}

}  // namespace

BackoffOptions within_lease(BackoffOptions backoff, std::chrono::milliseconds lease) {
  backoff.maximum = std::min(backoff.maximum, lease / 2);
  backoff.initial = std::min(backoff.initial, backoff.maximum);
  return backoff;
}

Outage::Next Outage::failed(const Error& error, SteadyTime now) {
  const bool needs_somebody = !passes_by_itself(error.code);
  const bool changed = !since_ || needs_somebody != needs_somebody_;
  Next next;
  next.needs_somebody = needs_somebody;
  next.say = changed || (needs_somebody && now - *said_ >= kSayAgain);
  if (!since_) since_ = now;
  if (next.say) said_ = now;
  needs_somebody_ = needs_somebody;
  ++failures_;
  if (needs_somebody) {
    const auto half = backoff_.maximum / 2;
    next.retry_in = half + std::chrono::milliseconds(random_->up_to(static_cast<std::uint64_t>(half.count())));
  } else {
    next.retry_in = full_jitter(backoff_, failures_, *random_);
  }
  return next;
}

std::optional<std::chrono::milliseconds> Outage::over(SteadyTime now) {
  failures_ = 0;
  said_.reset();
  needs_somebody_ = false;
  if (!since_) return std::nullopt;
  const auto away = std::chrono::duration_cast<std::chrono::milliseconds>(now - *since_);
  since_.reset();
  return away;
}

Error connection_error(Error error) {
  struct Words {
    std::string_view text;
    ErrorCode code;
  };
  static constexpr std::array<Words, 6> kRefusals{{
      {"authentication failed", ErrorCode::permission_denied},
      {"no pg_hba.conf entry", ErrorCode::permission_denied},
      {"no password supplied", ErrorCode::permission_denied},
      {"is not permitted to log in", ErrorCode::permission_denied},
      {"permission denied for database", ErrorCode::permission_denied},
      {"does not exist", ErrorCode::not_found},
  }};
  if (error.code != ErrorCode::unavailable) return error;
  // A socket that is not there is a server that is down.
  if (error.message.find("No such file or directory") != std::string::npos) return error;
  for (const Words& refusal : kRefusals) {
    if (error.message.find(refusal.text) != std::string::npos) {
      error.code = refusal.code;
      break;
    }
  }
  return error;
}

}  // namespace vivid::sync
