#include "render/spans/span_plan.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/check.h"
#include "render/hold/hold_plan.h"

namespace vivid::render {
namespace {

constexpr std::int64_t kShortestSpan = 2;
// A picture rests when it stays for a thirtieth of the longest gap, about a sixth of a second.
constexpr std::int64_t kRestsInGap = 30;

// A picture of the video, or a part of one that stays for longer than a span may be.
struct Piece {
  ShownPicture picture;
  bool continues = false;  // what stays longer than a span goes on here
  bool leaves = false;     // the last frame of what stays, before a fade that is made of it
};

// The newest place to start before the piece's hold ends, if a span begins with it: see HoldPlanner.
std::int64_t last_start(const ShownPicture& picture, std::int64_t longest_gap) {
  if (picture.holds < longest_gap) return picture.index;
  PlannedPicture planned;
  planned.index = picture.index;
  planned.holds = picture.holds;
  planned.repeat_every = longest_gap;
  std::int64_t hold = picture.holds;
  while (hold > 0 && !planned.repeats_at(hold)) --hold;
  return picture.index + hold;
}

class Planner {
 public:
  Planner(const std::vector<ShownPicture>& pictures, const SpanRules& rules) : gap_(rules.longest_gap) {
    const std::int64_t longest = gap_ * kMostGapsInSpan;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      ShownPicture picture = pictures[i];
      bool continues = false;
      // What is left over must not be too short for a span.
      while (picture.holds >= longest + kShortestSpan) {
        pieces_.push_back({{picture.index, longest - 1, picture.passing && !continues}, continues});
        picture = {picture.index + longest, picture.holds - longest, false};
        continues = true;
      }
      const bool fades = i + 1 < pictures.size() && pictures[i + 1].mixed && !picture.mixed && picture.holds > 0;
      if (fades) --picture.holds;
      pieces_.push_back({picture, continues});
      if (fades) pieces_.push_back({{picture.end(), 0, false}, false, true});
    }
  }

  std::vector<Span> plan() const {
    std::vector<Span> spans;
    std::size_t begin = 0;
    while (begin < pieces_.size()) {
      const std::size_t next = next_cut(begin);
      const std::int64_t first = pieces_[begin].picture.index;
      spans.push_back({first, pieces_[next - 1].picture.end(), static_cast<std::int64_t>(next - begin)});
      begin = next;
    }
    return spans;
  }

 private:
  bool rests(std::size_t i) const { return pieces_[i].picture.holds >= std::max<std::int64_t>(1, gap_ / kRestsInGap); }
  std::int64_t index(std::size_t i) const { return pieces_[i].picture.index; }

  // The piece that the next span begins with; how many there are: none does.
  std::size_t next_cut(std::size_t begin) const {
    const std::int64_t limit = last_start(pieces_[begin].picture, gap_) + gap_;
    const std::int64_t total = pieces_.back().picture.end();
    const bool rest_is_short = total <= limit;
    std::optional<std::size_t> resting;
    std::optional<std::size_t> leaving;
    std::optional<std::size_t> still;  // it moves, but into no other scene
    std::optional<std::size_t> any;
    for (std::size_t i = begin + 1; i < pieces_.size() && index(i) <= limit; ++i) {
      if (pieces_[i].continues) return i;
      if (!may_cut(begin, i)) continue;
      any = i;
      // A fade takes no bytes as long as both of its ends are in one span.
      if (pieces_[i].picture.mixed || pieces_[i - 1].picture.mixed || pieces_[i - 1].leaves) continue;
      if (rests(i) || pieces_[i].leaves) resting = i;
      if (rests(i - 1)) leaving = i;
      if (!pieces_[i].picture.passing && index(i) - index(begin) > gap_ / 2) still = i;
    }
    if (rest_is_short) return pieces_.size();
    for (const auto& cut : {resting, leaving, still, any}) {
      if (cut) return *cut;
    }
    // A moment, and then what stays past the limit.
    std::size_t next = begin + 1;
    while (next < pieces_.size() && !may_cut(begin, next)) ++next;
    return next;
  }

  bool may_cut(std::size_t begin, std::size_t i) const {
    return index(i) >= index(begin) + kShortestSpan && pieces_.back().picture.end() - index(i) >= kShortestSpan;
  }

  std::int64_t gap_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::vector<ShownPicture> shown_pictures(const Composer& composer) {
  std::vector<ShownPicture> pictures;
  for (std::int64_t i = 0; i < composer.frame_count(); ++i) {
    const FrameMark mark = composer.mark(i);
    if (i > 0 && mark.held) {
      ++pictures.back().holds;
    } else {
      pictures.push_back({i, 0, mark.passing, mark.mixed});
    }
  }
  return pictures;
}

std::vector<Span> plan_spans(const std::vector<ShownPicture>& pictures, const SpanRules& rules) {
  VIVID_CHECK(!pictures.empty() && rules.longest_gap >= HoldPlanner::kShortestGap);
  return Planner(pictures, rules).plan();
}

}  // namespace vivid::render
