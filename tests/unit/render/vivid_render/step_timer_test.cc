#include "render/vivid_render/step_timer.h"

#include <gtest/gtest.h>

#include "tests/unit/render/vivid_render/manual_clock.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(StepTimer, SumsUpStepsThatAlternate) {
  ManualClock clock;
  std::vector<Step> steps;
  StepTimer timer(clock, steps);
  clock.advance(milliseconds(5));
  for (int i = 0; i < 3; ++i) {
    timer.measure("compose", [&] { clock.advance(milliseconds(2)); });
    timer.measure("encode", [&] { clock.advance(milliseconds(10)); });
  }
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].name, "compose");
  EXPECT_EQ(steps[0].start, milliseconds(5));
  EXPECT_EQ(steps[0].duration, milliseconds(6));
  EXPECT_EQ(steps[1].start, milliseconds(7));
  EXPECT_EQ(steps[1].duration, milliseconds(30));
}

TEST(StepTimer, HandsTheValueThroughAndKeepsAStepThatFails) {
  ManualClock clock;
  std::vector<Step> steps;
  StepTimer timer(clock, steps);
  const auto outcome = timer.measure("open", [&]() -> Result<int> { return fail(ErrorCode::io_error, "no"); });
  EXPECT_FALSE(outcome.has_value());
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].name, "open");
}

}  // namespace
}  // namespace vivid::render
