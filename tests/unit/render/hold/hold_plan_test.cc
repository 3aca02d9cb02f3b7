#include "render/hold/hold_plan.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace vivid::render {
namespace {

std::vector<PlannedPicture> plan(SpliceVariant variant, std::int64_t gap, const std::vector<std::int64_t>& holds,
                                 bool by_distance = false) {
  HoldPlanner planner(variant, gap, by_distance);
  std::vector<PlannedPicture> pictures;
  for (const std::int64_t held : holds) {
    pictures.push_back(planner.plan(pictures.empty() ? 0 : pictures.back().end(), held));
  }
  return pictures;
}

TEST(HoldPlan, HeldPicturesAreReferablesAndTheFirstStandsAlone) {
  const auto pictures = plan(SpliceVariant::continuous, 100, {0, 0, 5, 0, 0});
  EXPECT_EQ(pictures[0].kind, PictureKind::independent);
  EXPECT_EQ(pictures[1].kind, PictureKind::free);
  EXPECT_EQ(pictures[2].kind, PictureKind::referable);
  EXPECT_EQ(pictures[3].kind, PictureKind::free);
}

TEST(HoldPlan, LongHoldsStandAloneAndAreGivenAgain) {
  const auto pictures = plan(SpliceVariant::continuous, 10, {0, 25, 0});
  EXPECT_EQ(pictures[1].kind, PictureKind::independent);
  std::vector<std::int64_t> repeats;
  for (std::int64_t hold = 1; hold <= 25; ++hold) {
    if (pictures[1].repeats_at(hold)) repeats.push_back(hold);
  }
  EXPECT_EQ(repeats, (std::vector<std::int64_t>{10, 20}));
  EXPECT_EQ(pictures[2].kind, PictureKind::free);
}

TEST(HoldPlan, NeverRepeatsInTheLastHold) {
  const auto pictures = plan(SpliceVariant::continuous, 10, {10, 0});
  EXPECT_FALSE(pictures[0].repeats_at(10));
  EXPECT_TRUE(pictures[0].repeats_at(9));
}

TEST(HoldPlan, ClosedSegmentsBeginAfresh) {
  const auto pictures = plan(SpliceVariant::closed, 100, {0, 3, 0, 0, 2, 0});
  EXPECT_EQ(pictures[2].kind, PictureKind::independent);
  EXPECT_EQ(pictures[3].kind, PictureKind::free);
  EXPECT_EQ(pictures[5].kind, PictureKind::independent);
}

TEST(HoldPlan, NoBPictureIsNextToAHeldStretchWhereDistancesMatter) {
  const auto pictures = plan(SpliceVariant::continuous, 100, {0, 3, 0, 0}, true);
  EXPECT_EQ(pictures[2].kind, PictureKind::referable);
  EXPECT_EQ(pictures[3].kind, PictureKind::free);
}

TEST(HoldPlan, PlacesToStartAreNeverFurtherApartThanAsked) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", static_cast<int>(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    const auto gap = static_cast<std::int64_t>(3 + random() % 40);
    std::vector<std::int64_t> holds(1 + random() % 60);
    for (auto& held : holds) held = static_cast<std::int64_t>(random() % 3 == 0 ? random() % 200 : 0);
    const auto variant = round % 2 == 0 ? SpliceVariant::continuous : SpliceVariant::closed;
    std::int64_t last = 0;
    const auto start = [&](std::int64_t index) {
      ASSERT_LE(index - last, gap) << "seed " << seed << " round " << round;
      last = index;
    };
    for (const PlannedPicture& picture : plan(variant, gap, holds)) {
      if (picture.kind == PictureKind::independent) start(picture.index);
      for (std::int64_t hold = 1; hold <= picture.holds; ++hold) {
        if (picture.repeats_at(hold)) start(picture.index + hold);
      }
      ASSERT_LE(picture.end() - 1 - last, gap) << "seed " << seed << " round " << round;
      // What is given again must be the picture itself.
      ASSERT_TRUE(picture.repeat_every == 0 || picture.kind == PictureKind::independent);
    }
  }
}

}  // namespace
}  // namespace vivid::render
