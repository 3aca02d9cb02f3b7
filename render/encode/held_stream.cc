#include "render/encode/held_stream.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "render/hold/mix_slice.h"

namespace vivid::render {
namespace {

// By how many steps finer a picture is quantised that is seen for 1 + holds frames.
int steps_finer(const Worth& worth, std::int64_t holds, bool passing) {
  if (holds == 0) return passing ? -worth.passing : 0;
  const double doublings = std::log2(1.0 + static_cast<double>(holds));
  return std::min(worth.finest, static_cast<int>(std::lround(worth.steps_per_doubling * doublings)));
}

}  // namespace

HeldStream::HeldStream(std::unique_ptr<Splicer> splicer, HoldPlanner planner, std::int64_t longest_mix,
                       const Worth& worth)
    : splicer_(std::move(splicer)), planner_(planner), longest_mix_(longest_mix), worth_(worth) {}

Result<std::unique_ptr<HeldStream>> HeldStream::create(std::span<const std::uint8_t> headers, SpliceVariant variant,
                                                       std::int64_t longest_gap, const Worth& worth) {
  VIVID_ASSIGN(auto splicer, Splicer::create(variant, headers));
  const HoldPlanner planner(variant, std::clamp(longest_gap, HoldPlanner::kShortestGap, splicer->longest_gap()),
                            splicer->by_distance());
  // Places to start are planned as if every fade were as long as it may be. One that is longer, at a high frame rate,
  // gets a picture of its own on the way.
  constexpr std::int64_t kLongestMix = 20;
  const std::int64_t longest_mix = splicer->mixes() ? std::min(kLongestMix, planner.longest_mix()) : 0;
  return std::unique_ptr<HeldStream>(new HeldStream(std::move(splicer), planner, longest_mix, worth));
}

void HeldStream::begin(std::int64_t index, const ComposedFrame& frame) {
  VIVID_CHECK(!index_.has_value());
  index_ = index;
  holds_ = 0;
  passing_ = frame.passing;
  const bool is_mixture = frame.next_share > 0 && frame.next_share < kWholeNextShare;
  from_share_ = std::exchange(share_, is_mixture ? frame.next_share : 0);
  is_known_share_ = !frame.passing || is_mixture;
}

void HeldStream::hold() {
  ++holds_;
  // Whatever it was a step of is over.
  is_known_share_ = true;
}

bool HeldStream::can_mix(const ComposedFrame& frame) const {
  if (frame.next_share <= 0 || frame.next_share >= kWholeNextShare) return false;
  if (mixes()) return static_cast<std::int64_t>(shares_.size()) < longest_mix_ && frame.next_share >= shares_.back();
  // A place to start must be possible between two fades.
  return longest_mix_ > 0 && is_known_share_ && waits() && (shares_.empty() || holds_ > 0) && frame.next_share > share_;
}

void HeldStream::mix(std::int64_t index, const ComposedFrame& frame) {
  VIVID_CHECK(!waits());
  shares_.push_back(frame.next_share);
  last_mixed_ = index;
}

void HeldStream::settle() {
  VIVID_CHECK(mixes() && !waits());
  ComposedFrame frame;
  frame.next_share = shares_.back();
  frame.passing = true;
  shares_.pop_back();
  begin(last_mixed_, frame);
}

// Of what is seen between two pictures, how much is the later one.
std::vector<int> HeldStream::take_shares() {
  const int from = from_share_;
  const int to = share_ > 0 ? share_ : kWholeNextShare;
  std::vector<int> shares = std::exchange(shares_, {});
  for (int& share : shares) {
    const double part = to > from ? static_cast<double>(share - from) / (to - from) : 1.0;
    share = std::clamp(static_cast<int>(std::lround(part * h264::kWholeShare)), 1, h264::kWholeShare - 1);
  }
  return shares;
}

std::vector<PictureOrder> HeldStream::take_orders(bool mixed_after) {
  VIVID_CHECK(waits());
  PictureTime time{*index_, holds_};
  time.mixed_before = static_cast<std::int64_t>(shares_.size());
  time.mixed_after = mixed_after ? longest_mix_ : 0;
  index_.reset();
  std::vector<int> shares = take_shares();
  std::vector<PictureOrder> orders;
  for (const PlannedPicture& picture : planner_.plan(time)) {
    // The encoder takes what it is shown for a video of its own without a pause: by true times it would coarsen the
    // pictures that follow one another quickly for the sake of those that stay, twice.
    // What frames are mixed of is seen in all of them, and stays in what does not fade.
    const std::int64_t seen = mixed_after ? std::max(holds_, longest_mix_) : holds_;
    orders.push_back({encoded_++, picture.kind, steps_finer(worth_, seen, passing_)});
    shown_[orders.back().time] = picture.index;
    splicer_->expect(picture, std::exchange(shares, {}));
  }
  return orders;
}

Status HeldStream::take(const CodedPicture& picture, const SplicedSink& sink) {
  const auto shown = shown_.extract(picture.time);
  if (shown.empty()) return fail(ErrorCode::unsupported, "frames cannot be held: the encoder's times are not ours");
  return splicer_->take(picture.bytes, shown.mapped(), sink);
}

}  // namespace vivid::render
