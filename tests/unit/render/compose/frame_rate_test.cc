#include "render/compose/frame_rate.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr FrameRate kThirty{30, 1};
constexpr FrameRate kNtsc{30'000, 1'001};

TEST(FrameRate, RoundsTimesToTheNearestFrame) {
  EXPECT_EQ(frame_at(microseconds(0), kThirty), 0);
  EXPECT_EQ(frame_at(microseconds(16'666), kThirty), 0);
  EXPECT_EQ(frame_at(microseconds(16'667), kThirty), 1);
  EXPECT_EQ(frame_at(std::chrono::hours(10), {60, 1}), 10 * 3600 * 60);
}

TEST(FrameRate, CountsAPartOfAFrameAsOne) {
  EXPECT_EQ(frames_covering(microseconds(0), kThirty), 0);
  EXPECT_EQ(frames_covering(microseconds(1), kThirty), 1);
  EXPECT_EQ(frames_covering(milliseconds(1'000), kThirty), 30);
  EXPECT_EQ(frames_covering(microseconds(1'000'001), kThirty), 31);
}

TEST(FrameRate, DoesNotDriftOverAnHour) {
  EXPECT_EQ(frame_at(std::chrono::seconds(3'600), kThirty), 108'000);
  EXPECT_EQ(frame_at(milliseconds(3'603'600), kNtsc), 108'000);
  EXPECT_EQ(time_of_frame(30'000 * 60, kNtsc), std::chrono::seconds(1'001 * 60));
  for (const FrameRate rate : {kThirty, kNtsc}) {
    for (std::int64_t frame = 0; frame < 108'100; ++frame) {
      const microseconds time = time_of_frame(frame, rate);
      ASSERT_EQ(frame_at(time, rate), frame);
      const double exact = static_cast<double>(frame) * 1e6 * static_cast<double>(rate.denominator) /
                           static_cast<double>(rate.numerator);
      ASSERT_NEAR(static_cast<double>(time.count()), exact, 0.51);
    }
  }
}

}  // namespace
}  // namespace vivid::render
