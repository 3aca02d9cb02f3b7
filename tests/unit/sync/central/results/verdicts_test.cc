#include "sync/central/results/verdicts.h"

#include <gmock/gmock.h>

namespace vivid::sync {
namespace {

constexpr const char* kOne = "11111111-1111-4111-8111-111111111111";

// A batch, and what the database says of it.
class VerdictsTest : public ::testing::Test {
 protected:
  void add(const std::string& kind, std::int64_t fence, std::string_view status = "", const std::string& stage = "",
           int attempt = 0) {
    Delivery delivery;
    delivery.request_id = kOne;
    delivery.fence = fence;
    delivery.kind = kind;
    delivery.stage = stage;
    delivery.attempt = attempt;
    rows_.push_back({delivery, status});
  }

  std::vector<Verdict> verdicts() {
    std::vector<Examined> batch;
    for (const auto& [delivery, status] : rows_) batch.push_back({&delivery, delivery.request_id, status});
    seen_.resize(batch.size());
    std::vector<Verdict> found;
    closing_.clear();
    for (const Judged& one : judge(batch, seen_, leases_)) {
      found.push_back(one.verdict);
      closing_.push_back(one.closing);
    }
    return found;
  }

  std::vector<std::pair<Delivery, std::string_view>> rows_;
  std::vector<bool> seen_;
  std::vector<bool> closing_;
  std::unordered_map<std::string, LeaseState> leases_{{kOne, {7, "generating_video"}}};
};

using ::testing::ElementsAre;

TEST_F(VerdictsTest, NothingAppliesAfterTheFinalState) {
  add("accepted", 7);
  add("stage", 7, "", "validation", 1);
  add("final", 7, "completed");
  add("stage", 7, "", "notification", 1);
  EXPECT_THAT(verdicts(), ElementsAre(Verdict::applied, Verdict::applied, Verdict::applied, Verdict::stale));
}

TEST_F(VerdictsTest, TheSameKeyTwiceIsADuplicate) {
  add("stage", 7, "", "validation", 1);
  add("stage", 7, "", "validation", 1);
  add("stage", 7, "", "validation", 2);
  add("final", 7, "failed");
  add("final", 7, "failed");
  EXPECT_THAT(verdicts(), ElementsAre(Verdict::applied, Verdict::duplicate, Verdict::applied, Verdict::applied,
                                      Verdict::duplicate));
}

TEST_F(VerdictsTest, WhatWasSeenIsADuplicateWhateverTheFenceIsNow) {
  add("accepted", 6);
  add("final", 6, "completed");
  seen_ = {true, false};
  EXPECT_THAT(verdicts(), ElementsAre(Verdict::duplicate, Verdict::stale));
  EXPECT_FALSE(closing_[1]);
}

TEST_F(VerdictsTest, WithoutALeaseItIsUnknown) {
  leases_.clear();
  add("accepted", 7);
  EXPECT_THAT(verdicts(), ElementsAre(Verdict::unknown));
}

TEST_F(VerdictsTest, ALeaseThatIsNotLiveHasNoFence) {
  leases_[kOne] = {std::nullopt, ""};
  add("stage", 7, "", "validation", 1);
  EXPECT_THAT(verdicts(), ElementsAre(Verdict::stale));
}

TEST_F(VerdictsTest, ACancelledRequestTakesOnlyItsOwnEnd) {
  leases_[kOne].request_status = "cancelled";
  add("stage", 7, "", "validation", 1);
  add("final", 7, "cancelled");
  EXPECT_THAT(verdicts(), ElementsAre(Verdict::stale, Verdict::applied));
}

TEST_F(VerdictsTest, ACancelledRequestNeverCompletesButItsLeaseEnds) {
  leases_[kOne].request_status = "cancelled";
  add("final", 7, "completed");
  add("final", 7, "cancelled");
  EXPECT_THAT(verdicts(), ElementsAre(Verdict::stale, Verdict::stale));
  EXPECT_THAT(closing_, ElementsAre(true, false));
}

TEST_F(VerdictsTest, AFinalRequestKeepsItsState) {
  leases_[kOne].request_status = "failed";
  add("final", 7, "cancelled");
  EXPECT_THAT(verdicts(), ElementsAre(Verdict::stale));
  EXPECT_THAT(closing_, ElementsAre(true));
}

}  // namespace
}  // namespace vivid::sync
