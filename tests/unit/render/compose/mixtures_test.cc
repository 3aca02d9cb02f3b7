#include "render/compose/mixtures.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "render/compose/kernels.h"

namespace vivid::render {
namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 180;

TimedLayer layer(const std::string& identity, const PixelRect& bounds, Track opacity = Track(1.0)) {
  TimedLayer timed;
  timed.stage.bounds = bounds;
  timed.stage.identity = identity;
  timed.opacity = std::move(opacity);
  return timed;
}

Shot still(std::int64_t first, std::int64_t count, const std::string& base, std::vector<TimedLayer> layers = {}) {
  Shot shot;
  shot.first = first;
  shot.count = count;
  shot.base = base;
  shot.layers = std::move(layers);
  return shot;
}

Track rise(std::int64_t first, std::int64_t last) {
  return Track({{first, 0.0, Easing::gentle}, {last, 1.0, Easing::gentle}});
}

std::vector<int> shares(const std::vector<Shot>& shots, std::int64_t first, std::int64_t last) {
  const Timeline timeline(shots, kWidth, kHeight);
  Mixtures mixtures(timeline);
  std::vector<int> found;
  for (std::int64_t i = first; i <= last; ++i) found.push_back(mixtures.next_share(i));
  return found;
}

TEST(Mixtures, StepsOfALayerThatFadesInAreMixturesByItsOpacity) {
  const auto found = shares({still(0, 60, "a", {layer("title", {20, 20, 100, 40}, rise(20, 30))})}, 19, 31);
  EXPECT_EQ(found[0], 0);
  EXPECT_EQ(found[1], 0);
  for (std::size_t i = 2; i < 11; ++i) {
    const double opacity = eased(static_cast<double>(i - 1) / 10.0, Easing::gentle);
    EXPECT_NEAR(found[i], opacity * kWholeNextShare, 2) << i;
  }
  EXPECT_EQ(found[11], 0);
  EXPECT_EQ(found[12], 0);
}

TEST(Mixtures, StepsOfACrossfadeBetweenStillsAreMixtures) {
  std::vector<Shot> shots{still(0, 30, "a"), still(30, 40, "b")};
  shots[1].blend = Blend::fade;
  shots[1].blend_frames = 10;
  const auto found = shares(shots, 29, 41);
  EXPECT_EQ(found.front(), 0);
  for (std::size_t i = 1; i <= 10; ++i) EXPECT_GT(found[i], found[i - 1]) << i;
  EXPECT_EQ(found[11], 0);
}

TEST(Mixtures, LayersWhoseCurvesCrossAreOneOnlyWhereTheyMeet) {
  const Track straight({{20, 0.0, Easing::linear}, {30, 1.0, Easing::linear}});
  const auto found = shares(
      {still(0, 60, "a", {layer("one", {20, 20, 100, 40}, rise(20, 30)), layer("two", {140, 20, 100, 40}, straight)})},
      21, 29);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i == 4) {
      EXPECT_NEAR(found[i], kWholeNextShare / 2, 2);
    } else {
      EXPECT_EQ(found[i], 0) << i;
    }
  }
}

TEST(Mixtures, WhatAlsoDoesSomethingElseIsNone) {
  const PixelRect left{20, 20, 100, 40};
  const PixelRect right{140, 20, 100, 40};
  const auto none = [](const std::vector<Shot>& shots) {
    for (const int share : shares(shots, 15, 45)) {
      if (share != 0) return false;
    }
    return true;
  };
  EXPECT_TRUE(none({still(0, 60, "a", {layer("one", left, rise(20, 30)), layer("two", right, rise(22, 32))})}));
  EXPECT_TRUE(none({still(0, 60, "a", {layer("one", left, rise(20, 30)), layer("two", left, rise(20, 30))})}));
  EXPECT_FALSE(none({still(0, 60, "a", {layer("one", left, rise(20, 30)), layer("two", right, rise(20, 30))})}));
  TimedLayer drawn = layer("arrow", left);
  drawn.drawn = rise(20, 30);
  EXPECT_TRUE(none({still(0, 60, "a", {drawn})}));
  std::vector<Shot> wipe{still(0, 20, "a"), still(20, 40, "b")};
  wipe[1].blend = Blend::wipe;
  wipe[1].blend_frames = 10;
  EXPECT_TRUE(none(wipe));
  wipe[1].blend = Blend::fade;
  EXPECT_FALSE(none(wipe));
  wipe[1].layers = {layer("title", left, rise(25, 32))};
  EXPECT_TRUE(none(wipe));
  // A fade that the video ends in has no picture after it.
  EXPECT_TRUE(none({still(0, 46, "a", {layer("one", left, rise(40, 50))})}));
}

}  // namespace
}  // namespace vivid::render
