#include "daemon/workers/limit_watch.h"

#include <algorithm>

#include "base/units.h"

namespace vivid::daemon {
namespace {

std::chrono::milliseconds until(SteadyTime end, SteadyTime now) {
  // Rounded up: a timer that fires early would only have to be set again.
  return std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(end - now));
}

}  // namespace

LimitWatch::LimitWatch(uv_loop_t* loop, const Clock& clock, RunLimits limits, std::function<void(Error)> on_expired)
    : clock_(clock),
      limits_(limits),
      started_(clock.steady_now()),
      last_sign_(started_),
      on_expired_(std::move(on_expired)),
      timer_(loop) {
  arm();
}

// Signs of life are frequent: the timer is left as it is, and looks at them when it fires.
void LimitWatch::touch() { last_sign_ = clock_.steady_now(); }

void LimitWatch::set_whole_request_left(std::chrono::milliseconds left) {
  limits_.whole_request_left = left + std::chrono::ceil<std::chrono::milliseconds>(clock_.steady_now() - started_);
  arm();
}

std::optional<Error> LimitWatch::expired() const {
  const SteadyTime now = clock_.steady_now();
  if (now - started_ >= limits_.whole_request_left) {
    return Error{ErrorCode::overall_deadline, "the request used up its time"};
  }
  if (now - started_ >= limits_.start_to_close) {
    return Error{ErrorCode::start_to_close,
                 "the stage ran past its limit of " + format_duration(limits_.start_to_close)};
  }
  if (now - last_sign_ >= limits_.silence) {
    return Error{ErrorCode::silence, "the stage showed no progress for " + format_duration(limits_.silence)};
  }
  return std::nullopt;
}

void LimitWatch::arm() {
  const SteadyTime now = clock_.steady_now();
  const auto next = std::min({until(started_ + limits_.whole_request_left, now),
                              until(started_ + limits_.start_to_close, now), until(last_sign_ + limits_.silence, now)});
  timer_.once(next, [this] {
    if (auto error = expired()) {
      on_expired_(std::move(*error));
    } else {
      arm();
    }
  });
}

}  // namespace vivid::daemon
