#include "render/compose/region.h"

#include <gtest/gtest.h>

#include <random>

namespace vivid::render {
namespace {

TEST(Region, CoversWhatWasAddedOnce) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> place(0, 30);
  std::uniform_int_distribution<int> size(0, 12);
  for (int round = 0; round < 50; ++round) {
    Region region;
    std::vector<int> wanted(44 * 44, 0);
    for (int i = 0; i < 8; ++i) {
      const PixelRect rect{place(random), place(random), size(random), size(random)};
      region.add(rect);
      for (int y = rect.y; y < rect.bottom(); ++y) {
        for (int x = rect.x; x < rect.right(); ++x) wanted[static_cast<std::size_t>(y * 44 + x)] = 1;
      }
    }
    std::vector<int> covered(44 * 44, 0);
    for (const PixelRect& rect : region.rects()) {
      for (int y = rect.y; y < rect.bottom(); ++y) {
        for (int x = rect.x; x < rect.right(); ++x) ++covered[static_cast<std::size_t>(y * 44 + x)];
      }
    }
    ASSERT_EQ(covered, wanted) << "round " << round;
  }
}

TEST(Region, StaysBounded) {
  Region region;
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 40; ++x) region.add({4 * x, 4 * y, 2, 2});
  }
  EXPECT_LE(region.rects().size(), 64U);
  EXPECT_EQ(region.clipped({158, 158, 10, 10}).area(), 0);
  EXPECT_EQ(region.clipped({156, 156, 10, 10}).area(), 4);
}

}  // namespace
}  // namespace vivid::render
