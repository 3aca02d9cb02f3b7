#include "render/spans/span_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "render/hold/hold_plan.h"

namespace vivid::render {
namespace {

constexpr SpanRules kRules{150};

// Pictures one after another: each a run of steps that change every frame, the last of which then stays.
class Film {
 public:
  Film& moves(std::int64_t frames, bool passing = true) {
    for (std::int64_t i = 0; i < frames; ++i) pictures_.push_back({end(), 0, passing});
    return *this;
  }
  Film& rests(std::int64_t frames) {
    pictures_.push_back({end(), frames - 1, false});
    return *this;
  }
  // From what rests to what comes next.
  Film& fades(std::int64_t frames) {
    for (std::int64_t i = 0; i < frames; ++i) pictures_.push_back({end(), 0, true, true});
    return *this;
  }
  std::int64_t end() const { return pictures_.empty() ? 0 : pictures_.back().end(); }
  const std::vector<ShownPicture>& pictures() const { return pictures_; }

 private:
  std::vector<ShownPicture> pictures_;
};

std::vector<std::int64_t> cuts_of(const Film& film) {
  std::vector<std::int64_t> cuts;
  for (const Span& span : plan_spans(film.pictures(), kRules)) cuts.push_back(span.first);
  return cuts;
}

TEST(SpanPlan, LeavesAShortVideoWhole) {
  Film film;
  film.moves(10).rests(100);
  EXPECT_EQ(plan_spans(film.pictures(), kRules), (std::vector<Span>{{0, 110, 11}}));
}

TEST(SpanPlan, CutsWhereAPictureBeginsToRest) {
  Film film;
  // A picture that stays for four seconds, then ten frames of change, four times.
  for (int i = 0; i < 4; ++i) film.rests(120).moves(10);
  EXPECT_EQ(cuts_of(film), (std::vector<std::int64_t>{0, 130, 260, 390}));
}

TEST(SpanPlan, KeepsATransitionInOneSpan) {
  Film film;
  film.rests(145).moves(15).rests(300).moves(15).rests(100);
  // The next place to start is due in the middle of the first transition, and of the second.
  for (const Span& span : plan_spans(film.pictures(), kRules)) {
    EXPECT_FALSE(span.first > 145 && span.first < 160) << span.first;
    EXPECT_FALSE(span.first > 460 && span.first < 475) << span.first;
  }
}

TEST(SpanPlan, CutsWhatNeverRestsOutsideOfTransitions) {
  Film film;
  film.moves(140, false).moves(15).moves(285, false).moves(15).moves(200, false);
  std::int64_t last = 0;
  for (const Span& span : plan_spans(film.pictures(), kRules)) {
    EXPECT_LE(span.frames(), 150);
    EXPECT_FALSE(film.pictures()[static_cast<std::size_t>(span.first)].passing) << span.first;
    last = span.end;
  }
  EXPECT_EQ(last, film.end());
}

TEST(SpanPlan, CutsATransitionThatIsLongerThanAnyGap) {
  Film film;
  film.moves(400, true);
  EXPECT_EQ(cuts_of(film), (std::vector<std::int64_t>{0, 150, 300}));
}

TEST(SpanPlan, BoundsHowLongAPictureStaysInOneSpan) {
  Film film;
  film.rests(100'000);
  std::int64_t next = 0;
  for (const Span& span : plan_spans(film.pictures(), kRules)) {
    EXPECT_EQ(span.first, next);
    EXPECT_LE(span.frames(), 150 * kMostGapsInSpan + 2);
    EXPECT_EQ(span.pictures, 1);
    next = span.end;
  }
  EXPECT_EQ(next, 100'000);
}

TEST(SpanPlan, GoesOnAfterAMomentBeforeALongRest) {
  Film film;
  film.moves(1, false);
  for (int i = 0; i < 3; ++i) film.rests(400);
  EXPECT_EQ(cuts_of(film), (std::vector<std::int64_t>{0, 401, 801}));
}

TEST(SpanPlan, TakesAVideoOfOneFrame) {
  Film film;
  film.moves(1);
  EXPECT_EQ(plan_spans(film.pictures(), kRules), (std::vector<Span>{{0, 1, 1}}));
}

Film any_film(std::mt19937& random) {
  const auto between = [&random](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  Film film;
  for (int part = between(1, 30); part > 0; --part) {
    switch (between(0, 4)) {
      case 0:
        film.moves(between(1, 20));
        break;
      case 1:
        film.moves(between(1, 400), false);
        break;
      case 2:
        film.rests(between(1, 40));
        break;
      case 3:
        film.rests(between(1, 200)).fades(between(1, 30)).rests(between(1, 200));
        break;
      default:
        film.rests(between(100, 5'000));
    }
  }
  return film;
}

// Where a video whose spans are encoded one by one can be started: in each as its encoder's planner decides. Frames
// that mix two pictures are known as such only where both are in the span.
class Starts {
 public:
  Starts(const Film& film, std::int64_t gap) : pictures_(film.pictures()), gap_(gap) {}

  std::vector<std::int64_t> of(const Span& span) {
    HoldPlanner planner(SpliceVariant::continuous, gap_, false);
    std::vector<std::int64_t> starts;
    while (seen_ < span.end) {
      for (const PlannedPicture& planned : planner.plan(take(span, planner.longest_mix()))) {
        if (planned.kind != PictureKind::independent) continue;
        starts.push_back(span.first + planned.index);
        for (std::int64_t hold = 1; hold < planned.holds; ++hold) {
          if (planned.repeats_at(hold)) starts.push_back(span.first + planned.index + hold);
        }
      }
    }
    return starts;
  }

 private:
  // The next picture of the span, as its encoder sees it. One that goes on after the span is left in place.
  PictureTime take(const Span& span, std::int64_t longest_mix) {
    const std::int64_t mixed = mixed_from(next_, span, longest_mix);
    const bool mixes = mixed > 0 && before_can_mix_;
    const ShownPicture& picture = pictures_[next_ + static_cast<std::size_t>(mixes ? mixed : 0)];
    if (mixes) next_ += static_cast<std::size_t>(mixed);
    const std::int64_t first = std::max(picture.index, span.first);
    const std::int64_t end = std::min(picture.end(), span.end);
    seen_ = end;
    if (picture.end() <= span.end) ++next_;
    PictureTime time{first - span.first, end - first - 1, mixes ? mixed : 0, 0};
    before_can_mix_ = !mixes || time.holds > 0;
    if (before_can_mix_ && mixed_from(next_, span, longest_mix) > 0) time.mixed_after = longest_mix;
    if (end == span.end) before_can_mix_ = false;
    return time;
  }

  // How many frames from this one on are a fade that ends in the span.
  std::int64_t mixed_from(std::size_t i, const Span& span, std::int64_t longest_mix) const {
    std::size_t end = i;
    while (end < pictures_.size() && pictures_[end].mixed) ++end;
    const auto count = static_cast<std::int64_t>(end - i);
    const bool whole = end < pictures_.size() && pictures_[end].index < span.end;
    return whole && count <= longest_mix ? count : 0;
  }

  const std::vector<ShownPicture>& pictures_;
  std::int64_t gap_;
  std::size_t next_ = 0;
  std::int64_t seen_ = 0;
  bool before_can_mix_ = false;
};

TEST(SpanPlan, LeavesPlacesToStartNoFurtherApartThanAllowed) {
  for (unsigned seed = 0; seed < 1'000; ++seed) {
    std::mt19937 random(seed);
    const Film film = any_film(random);
    const std::int64_t gap = std::uniform_int_distribution(3, 300)(random);
    Starts starts(film, gap);
    std::int64_t last = 0;
    for (const Span& span : plan_spans(film.pictures(), SpanRules{gap})) {
      const std::vector<std::int64_t> places = starts.of(span);
      ASSERT_FALSE(places.empty()) << "seed " << seed;
      EXPECT_EQ(places.front(), span.first) << "seed " << seed;
      for (const std::int64_t place : places) {
        EXPECT_LE(place - last, gap) << "seed " << seed << " at " << place;
        last = place;
      }
      // So that the bytes that an edit costs have a bound too.
      EXPECT_LE(span.frames(), (kMostGapsInSpan + 1) * gap + 4) << "seed " << seed;
    }
    EXPECT_LE(film.end() - last, gap) << "seed " << seed;
  }
}

TEST(SpanPlan, CoversAnyVideoWithoutGaps) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const Film film = any_film(random);
    const std::int64_t gap = std::uniform_int_distribution(3, 300)(random);
    const std::vector<Span> spans = plan_spans(film.pictures(), SpanRules{gap});
    std::int64_t next = 0;
    for (const Span& span : spans) {
      ASSERT_EQ(span.first, next) << "seed " << seed;
      ASSERT_TRUE(span.frames() >= 2 || film.end() == 1) << "seed " << seed;
      EXPECT_GE(span.pictures, 1) << "seed " << seed;
      next = span.end;
    }
    ASSERT_EQ(next, film.end());
  }
}

}  // namespace
}  // namespace vivid::render
