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
    const auto planned = planner.plan({pictures.empty() ? 0 : pictures.back().end(), held});
    pictures.insert(pictures.end(), planned.begin(), planned.end());
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

TEST(HoldPlan, APictureThatEndsAFadeIsCodedOnceMoreWhereAPlaceToStartIsDue) {
  HoldPlanner planner(SpliceVariant::continuous, 20, false);
  planner.plan({0, 5, 0, 4});
  const auto pictures = planner.plan({10, 30, 4, 0});
  ASSERT_EQ(pictures.size(), 2U);
  EXPECT_EQ(pictures[0].kind, PictureKind::referable);
  EXPECT_EQ(pictures[0].begin(), 6);
  EXPECT_EQ(pictures[0].end(), 20);
  EXPECT_EQ(pictures[1].kind, PictureKind::independent);
  EXPECT_EQ(pictures[1].index, 20);
  EXPECT_EQ(pictures[1].end(), 41);
}

TEST(HoldPlan, PlacesToStartAreNeverFurtherApartThanAskedWithFadesBetween) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", static_cast<int>(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    const auto gap = static_cast<std::int64_t>(3 + random() % 40);
    HoldPlanner planner(SpliceVariant::continuous, gap, round % 2 == 0);
    const std::int64_t longest = planner.longest_mix();
    std::int64_t last = 0;
    std::int64_t end = 0;
    std::int64_t mixed = 0;
    for (int i = 0; i < 60; ++i) {
      PictureTime time{end + mixed, static_cast<std::int64_t>(random() % 3 == 0 ? random() % 200 : random() % 2)};
      time.mixed_before = mixed;
      const bool may_fade = longest > 0 && (mixed == 0 || time.holds > 0);
      mixed = may_fade && random() % 2 == 0 ? 1 + static_cast<std::int64_t>(random()) % longest : 0;
      time.mixed_after = mixed;
      for (const PlannedPicture& picture : planner.plan(time)) {
        ASSERT_EQ(picture.begin(), end) << "seed " << seed << " round " << round;
        ASSERT_TRUE(picture.mixed_before == 0 || picture.kind == PictureKind::referable);
        for (std::int64_t hold = 0; hold <= picture.holds; ++hold) {
          const bool starts = hold == 0 ? picture.kind == PictureKind::independent : picture.repeats_at(hold);
          if (!starts) continue;
          ASSERT_LE(picture.index + hold - last, gap) << "seed " << seed << " round " << round;
          last = picture.index + hold;
        }
        end = picture.end();
      }
    }
  }
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
