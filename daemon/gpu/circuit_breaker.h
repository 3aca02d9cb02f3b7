// Puts something aside that fails again and again, and tries it now and then with one piece of work at a time.
//
//   closed ── failures in a row ──▶ open ── rest over ──▶ half open ── the trial succeeds ──▶ closed
//                                    ▲                        │
//                                    └── it fails: twice the rest, up to a limit
//
// Threads: one. Times come from outside.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace vivid::daemon {

enum class BreakerState { closed, open, half_open };
std::string_view to_text(BreakerState state);

struct BreakerOptions {
  int failures = 3;  // in a row
  std::chrono::milliseconds rest{30'000};
  std::chrono::milliseconds longest_rest{600'000};
};

class CircuitBreaker {
 public:
  void set_options(BreakerOptions options) { options_ = options; }

  BreakerState state(SteadyTime now) const;
  // Whether work may begin now. While half open, only one at a time.
  bool admits(SteadyTime now) const { return state(now) == BreakerState::closed || (rested(now) && !trying_); }
  // How long until it may; zero: it may, or a trial runs.
  std::chrono::milliseconds rest_left(SteadyTime now) const;

  void begin(SteadyTime now);
  void succeeded();
  void failed(SteadyTime now);
  // The work said nothing about it: cancelled, refused for another reason.
  void undecided() { trying_ = false; }

  int failures_in_a_row() const { return failures_; }
  std::int64_t times_opened() const { return times_opened_; }

 private:
  bool rested(SteadyTime now) const { return is_open_ && now >= until_; }

  BreakerOptions options_;
  bool is_open_ = false;
  bool trying_ = false;
  int failures_ = 0;
  int rests_ = 0;  // in a row
  SteadyTime until_{};
  std::int64_t times_opened_ = 0;
};

}  // namespace vivid::daemon
