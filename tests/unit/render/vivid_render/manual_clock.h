// A clock that moves when it is told to.
#pragma once

#include "base/clock.h"

namespace vivid::render {

class ManualClock : public Clock {
 public:
  WallTime now() const override { return {}; }
  SteadyTime steady_now() const override { return now_; }
  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  SteadyTime now_{};
};

}  // namespace vivid::render
