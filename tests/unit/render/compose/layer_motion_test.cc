#include "render/compose/layer_motion.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

using Coming = LayerCue::Coming;

constexpr FrameRate kThirty{30, 1};
constexpr PixelRect kBounds{100, 200, 300, 60};

StageLayer layer_with(Entrance entrance) {
  StageLayer layer{kBounds, 0, -1, false, "layer"};
  layer.entrance = entrance;
  layer.rise_px = 12;
  layer.rests = true;
  return layer;
}

StageScene resting_at(double opacity) {
  StageScene scene;
  scene.resting_opacity = opacity;
  return scene;
}

TEST(LayerMotion, RisesIntoItsPlaceWhileItAppears) {
  const TimedLayer layer =
      timed_layer(layer_with(Entrance::rise), {Coming::revealed, 50, 300, {}, {}}, resting_at(1.0), kThirty);
  EXPECT_FALSE(layer.at(49).shown());
  EXPECT_TRUE(layer.at(50).shown());
  EXPECT_GT(layer.at(50).y, 6);
  for (std::int64_t frame = 50; frame < 60; ++frame) {
    EXPECT_LE(layer.at(frame + 1).y, layer.at(frame).y) << frame;
    EXPECT_GE(layer.at(frame + 1).opacity, layer.at(frame).opacity) << frame;
  }
  // It comes to rest: most of the way is behind it half-way through.
  EXPECT_LE(layer.at(54).y, 3);
  EXPECT_EQ(layer.at(59), layer.at(299));
  EXPECT_EQ(layer.at(59).y, 0);
}

TEST(LayerMotion, ComesWithItsSceneWithoutFadingOnceMore) {
  const TimedLayer layer =
      timed_layer(layer_with(Entrance::rise), {Coming::with_scene, 90, 300, {}, {}}, resting_at(1.0), kThirty);
  for (std::int64_t frame = 90; frame < 105; ++frame) EXPECT_EQ(layer.at(frame).opacity, layer.at(200).opacity);
  EXPECT_GT(layer.at(90).y, 0);
  EXPECT_EQ(layer.at(102).y, 0) << "within the transition";
}

TEST(LayerMotion, SlidesInFromTheLeadingEdge) {
  const LayerCue cue{Coming::with_scene, 90, 300, {}, {}};
  EXPECT_LT(timed_layer(layer_with(Entrance::slide), cue, resting_at(1.0), kThirty).at(90).x, 0);
  StageScene rtl = resting_at(1.0);
  rtl.rtl = true;
  EXPECT_GT(timed_layer(layer_with(Entrance::slide), cue, rtl, kThirty).at(90).x, 0);
}

TEST(LayerMotion, GrowsAroundItsMiddle) {
  const TimedLayer layer =
      timed_layer(layer_with(Entrance::grow), {Coming::revealed, 50, 300, {}, {}}, resting_at(1.0), kThirty);
  const LayerPlace place = layer.place(layer.at(50));
  EXPECT_LT(place.scale, 1.0);
  EXPECT_NEAR(place.bounds.x + place.bounds.width / 2.0, kBounds.x + kBounds.width / 2.0, 2.0);
  EXPECT_NEAR(place.bounds.y + place.bounds.height / 2.0, kBounds.y + kBounds.height / 2.0, 2.0);
  EXPECT_EQ(layer.place(layer.at(60)).bounds, kBounds);
}

TEST(LayerMotion, StepsBackAndComesForwardAgain) {
  const LayerCue cue{Coming::revealed, 50, 300, 100, 200};
  const TimedLayer layer = timed_layer(layer_with(Entrance::none), cue, resting_at(0.6), kThirty);
  const int whole = layer.at(99).opacity;
  EXPECT_EQ(layer.at(70).opacity, whole);
  EXPECT_LT(layer.at(100).opacity, whole);
  EXPECT_NEAR(layer.at(109).opacity, 0.6 * whole, 1.0);
  EXPECT_EQ(layer.at(109), layer.at(199));
  EXPECT_EQ(layer.at(209).opacity, whole);
}

TEST(LayerMotion, StepsBackOnlyOnceItHasCome) {
  const LayerCue cue{Coming::revealed, 50, 300, 53, {}};
  const TimedLayer layer = timed_layer(layer_with(Entrance::none), cue, resting_at(0.6), kThirty);
  EXPECT_EQ(layer.at(59).opacity, timed_layer(layer_with(Entrance::none), {}, resting_at(1.0), kThirty).at(0).opacity);
  EXPECT_LT(layer.at(80).opacity, layer.at(59).opacity);
}

TEST(LayerMotion, StaysWhereTheThemeHasNoRoomToStepBack) {
  const LayerCue cue{Coming::there, 0, 300, 100, {}};
  const TimedLayer layer = timed_layer(layer_with(Entrance::none), cue, resting_at(1.0), kThirty);
  EXPECT_FALSE(layer.changes_within(0, 300));
}

TEST(LayerMotion, IsThereByTheEndOfItsPage) {
  const TimedLayer layer =
      timed_layer(layer_with(Entrance::rise), {Coming::revealed, 50, 53, {}, {}}, resting_at(1.0), kThirty);
  EXPECT_EQ(layer.at(53).y, 0);
  EXPECT_EQ(layer.at(53), layer.at(100));
}

TEST(LayerMotion, DrawsALineOnFromWhereItWas) {
  StageLayer line = layer_with(Entrance::none);
  line.draws_on = true;
  line.drawn_from = 0.5;
  const TimedLayer layer = timed_layer(line, {Coming::with_scene, 90, 300, {}, {}}, resting_at(1.0), kThirty);
  EXPECT_EQ(layer.at(89).drawn, kDrawnWhole / 2);
  EXPECT_GT(layer.at(97).drawn, kDrawnWhole / 2);
  EXPECT_EQ(layer.at(105).drawn, kDrawnWhole);
}

}  // namespace
}  // namespace vivid::render
