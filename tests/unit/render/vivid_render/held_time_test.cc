#include "render/vivid_render/held_time.h"

#include <gtest/gtest.h>

#include "tests/unit/render/vivid_render/manual_clock.h"

namespace vivid::render {
namespace {

using std::chrono::milliseconds;

TEST(HeldTime, AddsUpWhatWasHeldFromTheGivenMomentOn) {
  ManualClock clock;
  double seconds = 0.0;
  for (int i = 0; i < 2; ++i) {
    const SteadyTime began = clock.steady_now();
    clock.advance(milliseconds(500));
    const HeldTime held(clock, began, seconds);
    clock.advance(milliseconds(1'000));
  }
  EXPECT_DOUBLE_EQ(seconds, 3.0);
}

}  // namespace
}  // namespace vivid::render
