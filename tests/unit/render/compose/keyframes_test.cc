#include "render/compose/keyframes.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

TEST(Track, RunsFromKeyToKey) {
  const Track track({{10, 0.0, Easing::linear}, {20, 1.0, Easing::gentle}, {30, 3.0, Easing::linear}});
  EXPECT_EQ(track.at(0), 0.0);
  EXPECT_EQ(track.at(15), 0.5);
  EXPECT_EQ(track.at(20), 1.0);
  EXPECT_LT(track.at(21), 1.1);
  EXPECT_EQ(track.at(25), 2.0);
  EXPECT_EQ(track.at(1'000), 3.0);
}

TEST(Track, KnowsWhenItChanges) {
  const Track track({{10, 0.0, Easing::linear}, {20, 1.0, Easing::linear}});
  EXPECT_FALSE(track.changes_within(0, 10));
  EXPECT_TRUE(track.changes_within(0, 11));
  EXPECT_TRUE(track.changes_within(19, 20));
  EXPECT_FALSE(track.changes_within(20, 30));
  EXPECT_FALSE(Track(1.0).changes_within(0, 100));
}

}  // namespace
}  // namespace vivid::render
