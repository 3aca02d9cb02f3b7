#include "render/spans/span_plan.h"

#include <gtest/gtest.h>

#include <random>

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
    switch (between(0, 3)) {
      case 0:
        film.moves(between(1, 20));
        break;
      case 1:
        film.moves(between(1, 400), false);
        break;
      case 2:
        film.rests(between(1, 40));
        break;
      default:
        film.rests(between(100, 5'000));
    }
  }
  return film;
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
