#include "render/storyboard/math_spans.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vivid::render {
namespace {

std::vector<std::string> found(std::string_view text) {
  std::vector<std::string> out;
  for (const MathSpan& span : find_math(text)) out.push_back((span.display ? "display " : "") + std::string(span.tex));
  return out;
}

using Texts = std::vector<std::string>;

TEST(MathSpans, FindsBothKindsOfDelimiters) {
  EXPECT_EQ(found("As $E=mc^2$ says, \\(p = mv\\)."), (Texts{"E=mc^2", "p = mv"}));
  EXPECT_EQ(found("So $$\\frac{a}{b}$$ and \\[ x \\] end"), (Texts{"display \\frac{a}{b}", "display x"}));
  EXPECT_EQ(found("$x$ and $AB$"), (Texts{"x", "AB"}));
}

TEST(MathSpans, LeavesMoneyAlone) {
  for (const char* text : {"It costs $5 and $10.", "from $5 to $10", "$5, or 3$ more", "$ 5 $", "just $", "\\$5 + \\$6",
                           "US$20 = A$30", "$$", "$$$$", "$5 now, $6 then"}) {
    EXPECT_EQ(found(text), Texts{}) << text;
  }
}

TEST(MathSpans, KnowsWhatIsInsideBraces) {
  EXPECT_EQ(found("$\\text{costs \\$5}$"), Texts{"\\text{costs \\$5}"});
  EXPECT_EQ(found("$a \\text{ if $b$ holds}$"), Texts{"a \\text{ if $b$ holds}"});
}

TEST(MathSpans, SaysWhereTheyAre) {
  const std::string text = "é $x$!";
  const auto spans = find_math(text);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(text.substr(spans[0].begin, spans[0].end - spans[0].begin), "$x$");
}

TEST(MathSpans, ReadAsPlainText) {
  EXPECT_EQ(without_tex("As $E=mc^2$ says"), "As E=mc² says");
  EXPECT_EQ(without_tex("$v_{max}$, $x^{-1}$ and $10^{23}$"), "v_max, x⁻¹ and 10²³");
  EXPECT_EQ(without_tex("$x^{a+b}$"), "x^(a+b)");
  EXPECT_EQ(without_tex("$\\frac{a+b}{c}$"), "(a+b)/c");
  EXPECT_EQ(without_tex("$\\sqrt{x+1} \\leq 90^\\circ$"), "√(x+1) ≤ 90°");
  EXPECT_EQ(without_tex("$\\vec{F} = m\\vec{a}$"), "F = ma");
  EXPECT_EQ(without_tex("\\$5 < 6 & $a < b$"), "$5 < 6 & a < b");
  EXPECT_EQ(without_tex("no mathematics"), "no mathematics");
}

TEST(MathSpans, UnwrapAFieldThatIsOne) {
  EXPECT_EQ(bare_tex(" $$x^2$$ "), "x^2");
  EXPECT_EQ(bare_tex("x^2"), "x^2");
  EXPECT_EQ(bare_tex("$a$ and $b$"), "$a$ and $b$");
}

TEST(MathSpans, EndOnHostileText) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "$ {";
  EXPECT_EQ(found(text), Texts{});
  EXPECT_FALSE(without_tex("$" + std::string(50'000, '{') + "$").size() > 200'000);
}

}  // namespace
}  // namespace vivid::render
