// Watches one running stage: its start-to-close limit, its silence limit and what is left of the whole request's time.
//
// Threads: the loop's.
#pragma once

#include <uv.h>

#include <chrono>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "daemon/loop/timer.h"

namespace vivid::daemon {

struct RunLimits {
  std::chrono::milliseconds start_to_close{600'000};
  std::chrono::milliseconds silence{60'000};
  std::chrono::milliseconds whole_request_left = std::chrono::hours(24 * 365);
};

class LimitWatch {
 public:
  // Calls on_expired once, with start_to_close, silence or overall_deadline and what the limit was.
  LimitWatch(uv_loop_t* loop, const Clock& clock, RunLimits limits, std::function<void(Error)> on_expired);

  // A sign of life: the silence limit counts from now.
  void touch();
  // What is left of the whole request's time, from now on; known only some time after the start.
  void set_whole_request_left(std::chrono::milliseconds left);

 private:
  void arm();
  std::optional<Error> expired() const;

  const Clock& clock_;
  RunLimits limits_;
  const SteadyTime started_;
  SteadyTime last_sign_;
  std::function<void(Error)> on_expired_;
  Timer timer_;
};

}  // namespace vivid::daemon
