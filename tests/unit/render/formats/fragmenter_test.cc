#include "render/formats/fragmenter.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

TEST(Cuts, AreAsLongAsFitsAndWherePlayingCanStart) {
  EXPECT_EQ(choose_cuts({0, 100, 170, 190, 300, 400}, 450, 30).frames, (std::vector<std::int64_t>{0, 170, 300}));
}

TEST(Cuts, WaitForThePlaceToStartThatComesLate) {
  EXPECT_EQ(choose_cuts({0, 250, 300}, 700, 30).frames, (std::vector<std::int64_t>{0, 250, 300}));
}

TEST(Cuts, LeaveAShortVideoWhole) {
  const Cuts cuts = choose_cuts({0, 60}, 100, 30);
  EXPECT_EQ(cuts.frames, (std::vector<std::int64_t>{0}));
  EXPECT_EQ(cuts.end, 100);
}

}  // namespace
}  // namespace vivid::render
