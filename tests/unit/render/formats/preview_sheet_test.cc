#include "render/formats/preview_sheet.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

TEST(PreviewPlan, CoversShortAndLongVideosWithinOneSheet) {
  for (const std::int64_t frames : {std::int64_t{1}, std::int64_t{59}, std::int64_t{601}, std::int64_t{108'000}}) {
    const PreviewPlan plan = plan_preview(frames, 30, {1920, 1080});
    EXPECT_GE(plan.count(), 1);
    EXPECT_LE(plan.count(), 100);
    EXPECT_LE(plan.count(), plan.columns * plan.rows);
    EXPECT_GE(plan.interval, 60);
    for (int i = 0; i < plan.count(); ++i) {
      EXPECT_GE(plan.frame_of(i), i * plan.interval);
      EXPECT_LT(plan.frame_of(i), frames);
    }
  }
}

TEST(PreviewPlan, CuesFollowOneAnotherAndNameTheirPart) {
  const PreviewPlan plan = plan_preview(150, 30, {1920, 1080});
  EXPECT_EQ(preview_vtt(plan, "p.jpg"),
            "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\np.jpg#xywh=0,0,256,144\n"
            "\n00:00:02.000 --> 00:00:04.000\np.jpg#xywh=256,0,256,144\n"
            "\n00:00:04.000 --> 00:00:05.000\np.jpg#xywh=512,0,256,144\n");
}

}  // namespace
}  // namespace vivid::render
