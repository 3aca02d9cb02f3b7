#include "render/hold/hold_plan.h"

#include "base/check.h"

namespace vivid::render {

HoldPlanner::HoldPlanner(SpliceVariant variant, std::int64_t longest_gap, bool by_distance)
    : variant_(variant), longest_gap_(longest_gap), by_distance_(by_distance) {
  VIVID_CHECK(longest_gap >= kShortestGap);
}

bool HoldPlanner::must_be_independent(const PlannedPicture& picture) const {
  if (last_start_ < 0) return true;
  if (variant_ == SpliceVariant::closed && after_holds_) return true;
  // The next picture could be too late for it.
  return picture.end() > last_start_ + longest_gap_;
}

PlannedPicture HoldPlanner::plan(std::int64_t index, std::int64_t holds) {
  PlannedPicture picture;
  picture.index = index;
  picture.holds = holds;
  if (holds > 0 || (by_distance_ && after_holds_)) picture.kind = PictureKind::referable;
  if (must_be_independent(picture)) {
    picture.kind = PictureKind::independent;
    last_start_ = index;
    if (holds >= longest_gap_) picture.repeat_every = longest_gap_;
  }
  for (std::int64_t hold = holds - 1; picture.repeat_every != 0 && hold > 0; --hold) {
    if (!picture.repeats_at(hold)) continue;
    last_start_ = index + hold;
    break;
  }
  after_holds_ = holds > 0;
  return picture;
}

}  // namespace vivid::render
