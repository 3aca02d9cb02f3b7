// For how long something was held, whatever way its holder ends.
//
// Threads: one. Ownership: borrows the clock and the number.
#pragma once

#include <chrono>

#include "base/clock.h"

namespace vivid::render {

class HeldTime {
 public:
  // At its end adds the time since `began` to `seconds`.
  HeldTime(const Clock& clock, SteadyTime began, double& seconds) : clock_(clock), began_(began), seconds_(seconds) {}
  ~HeldTime() { seconds_ += std::chrono::duration<double>(clock_.steady_now() - began_).count(); }
  HeldTime(const HeldTime&) = delete;
  HeldTime& operator=(const HeldTime&) = delete;

 private:
  const Clock& clock_;
  SteadyTime began_;
  double& seconds_;
};

}  // namespace vivid::render
