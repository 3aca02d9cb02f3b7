#include "render/storyboard/math_text.h"

#include <gtest/gtest.h>
#include <pango/pango.h>

#include <string>

namespace vivid::render {
namespace {

// What is read once the markup is taken away; empty if Pango refuses the markup.
std::string shown(const std::string& source) {
  char* text = nullptr;
  const std::string markup = math_markup(source);
  if (pango_parse_markup(markup.c_str(), -1, 0, nullptr, &text, nullptr, nullptr) == FALSE) return {};
  std::string result = text;
  g_free(text);
  return result;
}

TEST(MathText, SetsLettersSignsAndScripts) {
  EXPECT_EQ(shown("F = m a"), "F = m a");
  EXPECT_EQ(shown("E_k"), "Ek");
  EXPECT_NE(math_markup("E_k").find("subscript"), std::string::npos);
  EXPECT_NE(math_markup("v^2").find("superscript"), std::string::npos);
  EXPECT_EQ(shown("a \\times b"), "a × b");
  EXPECT_EQ(shown("\\alpha + \\Omega"), "α + Ω");
  EXPECT_EQ(shown("x - y"), "x − y");
}

TEST(MathText, MarksVectorsForAnArrow) { EXPECT_EQ(shown("\\vec{F}_{AB} = -\\vec{F}_{BA}"), "\u2060FAB = −\u2060FBA"); }

TEST(MathText, BracketsOnlyPartsThatNeedIt) {
  EXPECT_EQ(shown("\\frac{1}{2}"), "1\u2009/\u20092");
  EXPECT_EQ(shown("\\frac{a + b}{c}"), "(a + b)\u2009/\u2009c");
  EXPECT_EQ(shown("\\sqrt{x}"), "√x");
  EXPECT_EQ(shown("\\sqrt{x + 1}"), "√(x + 1)");
}

TEST(MathText, IsAlwaysMarkupThatPangoTakes) {
  for (const char* source : {"a < b & c > d",
                             "<span>",
                             "\\frac",
                             "\\frac{1}",
                             "{{{",
                             "}}}",
                             "^",
                             "_",
                             "x^",
                             "\\",
                             "\\unknown{x}",
                             "\\sqrt[3]{x}",
                             "\\text{if } x > 0",
                             "\\text{open",
                             "$$ x $$",
                             "\\vec{}",
                             "\\left( x \\right)",
                             "∑ ≤ é",
                             "\\text{a<b}",
                             "\\begin{x}"}) {
    char* text = nullptr;
    const std::string markup = math_markup(source);
    EXPECT_TRUE(pango_parse_markup(markup.c_str(), -1, 0, nullptr, &text, nullptr, nullptr) != FALSE)
        << source << " → " << markup;
    g_free(text);
  }
}

TEST(MathText, NamesACommandItDoesNotKnow) { EXPECT_EQ(shown("\\zorp x"), "zorp x"); }

TEST(MathText, EndsOnDeepNesting) { EXPECT_FALSE(math_markup(std::string(5'000, '{')).size() > 100'000); }

}  // namespace
}  // namespace vivid::render
