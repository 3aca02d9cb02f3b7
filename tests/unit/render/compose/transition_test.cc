#include "render/compose/transition.h"

#include <gtest/gtest.h>

#include <cstring>

#include "render/compose/pixels.h"

namespace vivid::render {
namespace {

YuvFrame filled(int width, int height, int luma) {
  YuvFrame frame(width, height);
  for (int plane = 0; plane < 3; ++plane) {
    const int value = plane == 0 ? luma : 128;
    std::memset(
        frame.row(plane, 0), value,
        static_cast<std::size_t>(frame.plane_width(plane)) * static_cast<std::size_t>(frame.plane_height(plane)));
  }
  return frame;
}

YuvFrame blended(Blend kind, double t, bool from_left, const YuvFrame& from, const YuvFrame& into) {
  YuvFrame to(from.width(), from.height());
  blend(from, into, blend_state(kind, t, from.width(), from_left), from.bounds(), to);
  return to;
}

constexpr Blend kAll[] = {Blend::fade, Blend::slide, Blend::wipe, Blend::dissolve};

TEST(Transition, LeadsFromOnePictureToTheOther) {
  const YuvFrame from = filled(64, 16, 40);
  const YuvFrame into = filled(64, 16, 200);
  for (const Blend kind : kAll) {
    for (const bool from_left : {false, true}) {
      EXPECT_EQ(blended(kind, 0.0, from_left, from, into).bytes(), from.bytes());
      EXPECT_EQ(blended(kind, 1.0, from_left, from, into).bytes(), into.bytes());
    }
  }
}

TEST(Transition, FadesOverTheMean) {
  EXPECT_EQ(blended(Blend::fade, 0.5, false, filled(64, 16, 16), filled(64, 16, 235)).row(0, 3)[7], 126);
}

TEST(Transition, DissolvesThroughBlack) {
  const YuvFrame black = blended(Blend::dissolve, 0.5, false, filled(64, 16, 180), filled(64, 16, 235));
  EXPECT_EQ(black.row(0, 3)[7], 16);
}

TEST(Transition, SlidesInFromTheRightOrTheLeft) {
  YuvFrame from(4, 2);
  YuvFrame into(4, 2);
  for (int x = 0; x < 4; ++x) {
    from.row(0, 0)[x] = static_cast<std::uint8_t>(x);
    into.row(0, 0)[x] = static_cast<std::uint8_t>(10 + x);
  }
  const auto first_row = [&](bool from_left) {
    const YuvFrame to = blended(Blend::slide, 0.5, from_left, from, into);
    return std::vector<int>(to.row(0, 0), to.row(0, 0) + 4);
  };
  EXPECT_EQ(first_row(false), (std::vector<int>{2, 3, 10, 11}));
  EXPECT_EQ(first_row(true), (std::vector<int>{12, 13, 0, 1}));
}

TEST(Transition, WipesTheWayItIsRead) {
  const YuvFrame from = filled(64, 16, 40);
  const YuvFrame into = filled(64, 16, 200);
  const YuvFrame leftwards = blended(Blend::wipe, 0.5, false, from, into);
  EXPECT_EQ(leftwards.row(0, 0)[0], 40);
  EXPECT_EQ(leftwards.row(0, 0)[63], 200);
  const YuvFrame rightwards = blended(Blend::wipe, 0.5, true, from, into);
  EXPECT_EQ(rightwards.row(0, 0)[0], 200);
  EXPECT_EQ(rightwards.row(0, 0)[63], 40);
}

// Blending only where a step changes something gives what blending everything gives.
TEST(Transition, ChangesNothingOutsideItsDamage) {
  const YuvFrame from = filled(64, 16, 40);
  YuvFrame into = from;
  const PixelRect different{8, 2, 40, 10};
  copy_rect(filled(64, 16, 200), different, into);
  for (const Blend kind : kAll) {
    for (const bool from_left : {false, true}) {
      YuvFrame stepped = from;
      BlendState before = blend_state(kind, 0.0, 64, from_left);
      for (int i = 1; i <= 20; ++i) {
        const BlendState now = blend_state(kind, i / 20.0, 64, from_left);
        const Region damage = blend_damage(before, now, Region(different), from.bounds());
        for (const PixelRect& rect : damage.rects()) blend(from, into, now, rect, stepped);
        ASSERT_EQ(stepped.bytes(), blended(kind, i / 20.0, from_left, from, into).bytes()) << i;
        before = now;
      }
    }
  }
}

}  // namespace
}  // namespace vivid::render
