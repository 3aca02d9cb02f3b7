#include "render/hold/hold_plan.h"

#include <algorithm>

#include "base/check.h"

namespace vivid::render {
namespace {

// Frames after a picture's own that cannot be a place to start, where the next one is mixed with it.
std::int64_t reach(const PictureTime& picture) { return picture.mixed_after > 0 ? picture.mixed_after + 1 : 0; }

}  // namespace

HoldPlanner::HoldPlanner(SpliceVariant variant, std::int64_t longest_gap, bool by_distance)
    : variant_(variant), longest_gap_(longest_gap), by_distance_(by_distance) {
  VIVID_CHECK(longest_gap >= kShortestGap);
}

bool HoldPlanner::must_be_independent(const PictureTime& picture) const {
  if (last_start_ < 0) return true;
  if (variant_ == SpliceVariant::closed && after_holds_) return true;
  // The next picture could be too late for it.
  return picture.index + 1 + picture.holds + reach(picture) > last_start_ + longest_gap_;
}

PlannedPicture HoldPlanner::start(const PictureTime& time) {
  PlannedPicture picture{time.index, time.holds, PictureKind::independent};
  last_start_ = time.index;
  const std::int64_t gap = longest_gap_ - reach(time);
  if (time.holds >= gap) picture.repeat_every = gap;
  for (std::int64_t hold = time.holds - 1; picture.repeat_every != 0 && hold > 0; --hold) {
    if (!picture.repeats_at(hold)) continue;
    last_start_ = time.index + hold;
    break;
  }
  return picture;
}

std::vector<PlannedPicture> HoldPlanner::plan(const PictureTime& time) {
  VIVID_CHECK(time.mixed_before <= longest_mix() && time.mixed_after <= longest_mix());
  const bool independent = must_be_independent(time);
  const bool after_holds = after_holds_;
  after_holds_ = time.holds > 0 || time.mixed_before > 0 || time.mixed_after > 0;
  if (independent && time.mixed_before == 0) return {start(time)};
  PlannedPicture picture{time.index, time.holds};
  picture.mixed_before = time.mixed_before;
  if (after_holds_ || (by_distance_ && after_holds)) picture.kind = PictureKind::referable;
  if (!independent || time.holds == 0) return {picture};
  PictureTime again = time;
  again.index = std::min(last_start_ + longest_gap_, time.index + time.holds);
  again.holds = time.index + time.holds - again.index;
  picture.holds = again.index - time.index - 1;
  return {picture, start(again)};
}

}  // namespace vivid::render
