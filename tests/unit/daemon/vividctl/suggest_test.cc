#include "daemon/vividctl/suggest.h"

#include <gtest/gtest.h>

namespace vivid::ctl {
namespace {

const std::vector<std::string> kCommands{"submit", "status", "jobs", "show", "watch", "wait", "drain", "dead"};

TEST(Suggest, FindsTheWordASlipAway) {
  EXPECT_EQ(nearest_word("staus", kCommands), "status");
  EXPECT_EQ(nearest_word("statsu", kCommands), "status");
  EXPECT_EQ(nearest_word("job", kCommands), "jobs");
  EXPECT_EQ(nearest_word("wacth", kCommands), "watch");
  EXPECT_EQ(nearest_word("stat", kCommands), "status");
}

TEST(Suggest, StaysSilentWhenNothingIsNear) {
  EXPECT_FALSE(nearest_word("frobnicate", kCommands));
  EXPECT_FALSE(nearest_word("", kCommands));
  EXPECT_FALSE(nearest_word(std::string(100'000, 'a'), kCommands));
}

}  // namespace
}  // namespace vivid::ctl
