#include "render/compose/timeline.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 360;
constexpr PixelRect kFrame{0, 0, kWidth, kHeight};

TimedLayer layer_of(const std::string& identity, const PixelRect& bounds) {
  return {{bounds, 0, -1, false, identity}, Track(1.0), Track(1.0)};
}

const PixelRect kHeading{20, 20, 300, 40};
const PixelRect kOne{20, 100, 300, 40};
const PixelRect kOther{20, 180, 300, 40};

// Sixty frames: a heading, and a text of its own.
Shot shot_of(std::int64_t first, const std::string& name, const PixelRect& bounds) {
  Shot shot;
  shot.first = first;
  shot.count = 60;
  shot.base = "base";
  shot.layers = {layer_of("heading", kHeading), layer_of(name, bounds)};
  return shot;
}

Timeline two_shots(Blend blend, const std::string& base = "base") {
  Shot second = shot_of(60, "other", kOther);
  second.blend = blend;
  second.blend_frames = blend == Blend::none ? 0 : 15;
  second.base = base;
  return Timeline({shot_of(0, "one", kOne), second}, kWidth, kHeight);
}

std::int64_t damaged_pixels(const Timeline& timeline) {
  std::int64_t pixels = 0;
  for (std::int64_t frame = 1; frame < timeline.frame_count(); ++frame) pixels += timeline.change(frame).damage.area();
  return pixels;
}

TEST(Timeline, HoldsFramesInWhichNothingHappens) {
  const Timeline timeline = two_shots(Blend::fade);
  EXPECT_EQ(timeline.change(0).damage.area(), kFrame.area());
  for (std::int64_t frame = 1; frame < timeline.frame_count(); ++frame) {
    const FrameChange change = timeline.change(frame);
    // The frame behind a transition shows the new picture alone for the first time.
    EXPECT_EQ(change.damage.empty(), frame < 60 || frame > 75) << frame;
    EXPECT_EQ(change.passing, frame >= 60 && frame < 75) << frame;
  }
}

TEST(Timeline, DamagesOnlyWhatTwoPagesDoNotShare) {
  const Region damage = two_shots(Blend::fade).change(65).damage;
  EXPECT_EQ(damage.area(), kOne.area() + kOther.area());
  EXPECT_EQ(two_shots(Blend::none).change(60).damage.area(), kOne.area() + kOther.area());
  EXPECT_EQ(two_shots(Blend::fade, "another base").change(65).damage.area(), kFrame.area());
}

TEST(Timeline, CostsWhatChangesAndNotTheFrame) {
  EXPECT_EQ(damaged_pixels(two_shots(Blend::fade)), 16 * (kOne.area() + kOther.area()));
  EXPECT_EQ(damaged_pixels(two_shots(Blend::fade, "another base")), 16 * kFrame.area());
  EXPECT_EQ(damaged_pixels(two_shots(Blend::slide)), 16 * kFrame.area());
  // A wipe runs over every column a few times, not once a frame.
  EXPECT_LT(damaged_pixels(two_shots(Blend::wipe)), 5 * (kOne.area() + kOther.area()));
}

TEST(Timeline, DamagesALayerWhileItAppears) {
  Shot shot = shot_of(0, "one", kOne);
  shot.layers.push_back(layer_of("late", kOther));
  shot.layers.back().opacity = Track({{29, 0.0, Easing::gentle}, {39, 1.0, Easing::gentle}});
  const Timeline timeline({shot}, kWidth, kHeight);
  for (std::int64_t frame = 1; frame < 60; ++frame) {
    const FrameChange change = timeline.change(frame);
    EXPECT_EQ(change.damage.area(), frame >= 30 && frame < 40 ? kOther.area() : 0) << frame;
    EXPECT_EQ(change.passing, frame >= 29 && frame < 39) << frame;
  }
}

TEST(Timeline, DamagesWhereALayerWasAndWhereItIs) {
  Shot shot = shot_of(0, "one", kOne);
  shot.layers[1].y = Track({{9, 31.0, Easing::linear}, {19, 0.0, Easing::linear}});
  const Timeline timeline({shot}, kWidth, kHeight);
  for (std::int64_t frame = 10; frame < 20; ++frame) {
    const PixelRect before = shot.layers[1].place(shot.layers[1].at(frame - 1)).bounds;
    const PixelRect now = shot.layers[1].place(shot.layers[1].at(frame)).bounds;
    // Whole chroma samples, and room for all of it.
    EXPECT_EQ(now.y % 2, 0);
    EXPECT_EQ(now.height % 2, 0);
    EXPECT_GE(now.y + now.height, kOne.y + shot.layers[1].at(frame).y + kOne.height);
    EXPECT_EQ(timeline.change(frame).damage.area(), bounding(before, now).area()) << frame;
  }
  EXPECT_TRUE(timeline.change(20).damage.empty());
  EXPECT_TRUE(timeline.change(9).damage.empty());
}

TEST(Timeline, DamagesEverythingUnderAMovingCamera) {
  Shot shot = shot_of(0, "one", kOne);
  shot.camera = CameraMove{Track({{0, 1.0, Easing::linear}, {40, 1.1, Easing::linear}}), Track(0.5)};
  const Timeline timeline({shot}, kWidth, kHeight);
  for (std::int64_t frame = 1; frame < 60; ++frame) {
    EXPECT_EQ(timeline.change(frame).damage.area(), frame <= 40 ? kFrame.area() : 0) << frame;
  }
}

TEST(Timeline, DamagesLayersThatChangeTheirOrder) {
  Shot first = shot_of(0, "one", kOne);
  Shot second = shot_of(60, "one", kOne);
  std::swap(second.layers[0], second.layers[1]);
  EXPECT_FALSE(Timeline({first, second}, kWidth, kHeight).change(60).damage.empty());
  second = shot_of(60, "one", kOne);
  EXPECT_TRUE(Timeline({first, second}, kWidth, kHeight).change(60).damage.empty());
}

}  // namespace
}  // namespace vivid::render
