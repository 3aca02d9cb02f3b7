#include "render/layout/typography.h"

#include <gtest/gtest.h>

#include "render/layout/balance.h"
#include "render/layout/type.h"

namespace vivid::render {
namespace {

std::string set(const std::string& text, const std::string& language = "en") { return typeset(text, language).text; }

TEST(Typography, SetsApostrophesWithinWordsOnly) {
  EXPECT_EQ(set("Newton's law isn't one's own"), "Newton\u2019s law isn\u2019t one\u2019s own");
  EXPECT_EQ(set("l'eau", "fr"), "l\u2019eau");
  EXPECT_EQ(set("f'(x), 5' and 'so'"), "f'(x), 5' and 'so'");
}

TEST(Typography, QuotesAsTheLanguageDoes) {
  EXPECT_EQ(set("a \"word\", (\"another\")"), "a \u201cword\u201d, (\u201canother\u201d)");
  EXPECT_EQ(set("ein \"Wort\"", "de"), "ein \u201eWort\u201c");
  EXPECT_EQ(set("un \"mot\"", "fr"), "un \"mot\"");
  EXPECT_EQ(set("5\" wide"), "5\" wide") << "inches";
  EXPECT_EQ(set("\"in 1905\" it was"), "\u201cin 1905\u201d it was");
}

TEST(Typography, KeepsShortNumbersWithWhatTheyCount) {
  EXPECT_EQ(set("6 CO\u2082 and 20 m"), "6\u00a0CO\u2082 and 20\u00a0m");
  EXPECT_EQ(set("in 1905 he"), "in 1905 he");
  EXPECT_EQ(set("x6 y, 3 + 4"), "x6 y, 3 + 4");
}

TEST(Typography, KnowsWhereInTheInputAPlaceIs) {
  const std::string source = "He's \"so\" 5 m up";
  const Typeset typeset = vivid::render::typeset(source, "en");
  EXPECT_EQ(typeset.source_offset(0), 0U);
  EXPECT_EQ(typeset.source_offset(typeset.text.find("up")), source.find("up"));
  EXPECT_EQ(typeset.source_offset(typeset.text.find("so")), source.find("so"));
  EXPECT_EQ(typeset.source_offset(typeset.text.size()), source.size());
}

TEST(TypeScale, GoesDownInHalfStepsToTheSmallest) {
  const std::vector<double> sizes = type_ladder(type::kTitle, type::kHeading);
  ASSERT_EQ(sizes.size(), 5U);
  EXPECT_DOUBLE_EQ(sizes.front(), type::kTitle);
  EXPECT_NEAR(sizes[2], type::kHeadline, 0.001);
  EXPECT_DOUBLE_EQ(sizes.back(), type::kHeading);
}

TEST(Balance, EvensOutTheLinesOfAHeadingWithoutAnotherOne) {
  const TextEngine engine("en");
  TextStyle style;
  style.size_px = 69.0;
  const std::string text = "Why the two forces of a pair never cancel each other out";
  const MeasuredText full = engine.measure(text, false, style, 1'500.0);
  ASSERT_EQ(full.lines.size(), 2U);
  const double width = balanced_width(engine, text, style, 1'500.0);
  const MeasuredText balanced = engine.measure(text, false, style, width);
  EXPECT_EQ(balanced.lines.size(), 2U);
  EXPECT_LT(std::abs(balanced.lines[0].width - balanced.lines[1].width),
            std::abs(full.lines[0].width - full.lines[1].width));
}

TEST(Balance, LeavesOneLineAndBrokenWordsAlone) {
  const TextEngine engine("en");
  TextStyle style;
  style.size_px = 69.0;
  EXPECT_DOUBLE_EQ(balanced_width(engine, "Short", style, 1'500.0), 1'500.0);
  EXPECT_DOUBLE_EQ(balanced_width(engine, std::string(200, 'w'), style, 1'500.0), 1'500.0);
}

TEST(Balance, StaysAtTheLeadingEdge) {
  TextStyle style;
  const Rect box{100.0, 0.0, 400.0, 50.0};
  EXPECT_DOUBLE_EQ(narrowed(box, 300.0, style).x, 100.0);
  style.rtl = true;
  EXPECT_DOUBLE_EQ(narrowed(box, 300.0, style).right(), 500.0);
  style.align = Align::center;
  EXPECT_DOUBLE_EQ(narrowed(box, 300.0, style).x, 150.0);
}

}  // namespace
}  // namespace vivid::render
