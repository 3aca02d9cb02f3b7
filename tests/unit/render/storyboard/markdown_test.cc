#include <gtest/gtest.h>

#include "render/storyboard/storyboard.h"

namespace vivid::render {
namespace {

TEST(ToMarkdown, NothingInTheTextIsMarkup) {
  Storyboard board;
  board.title = "# A*B* #";
  Scene scene;
  scene.title = "1. [x](y)";
  scene.body = "- not a list\n\n+ <b>bold</b> & `code`";
  scene.equations = {"a`b", "\\frac{1}{2}"};
  board.scenes = {scene};
  EXPECT_EQ(to_markdown(board),
            "# \\# A\\*B\\* \\#\n\n"
            "## 1\\. \\[x\\](y)\n\n"
            "\\- not a list\n\n"
            "\\+ \\<b\\>bold\\</b\\> \\& \\`code\\`\n\n"
            "``a`b``\n\n"
            "`\\frac{1}{2}`\n");
}

TEST(ToMarkdown, MathematicsStaysAsItWasWritten) {
  Storyboard board;
  board.title = "Solving $ax^2+bx_1=0$";
  Scene scene;
  scene.title = "# \\(y_1\\) *now*";
  scene.body = "It is $\\frac{a}{b}$ for \\$5 or $6 and $$\nx\n+y\n$$";
  scene.bullets = {"$a<b>c$ [x] $[a](b)$"};
  board.scenes = {scene};
  EXPECT_EQ(to_markdown(board),
            "# Solving $ax^2+bx_1=0$\n\n"
            "## \\# $y_1$ \\*now\\*\n\n"
            "It is $\\frac{a}{b}$ for \\$5 or \\$6 and $$x +y$$\n\n"
            "- $a< b>c$ \\[x\\] $[a] (b)$\n");
}

TEST(ToMarkdown, StoryboardReadsAsWhatIsSaidAndShown) {
  const auto board = parse_storyboard(R"({"metadata":{"topic_title":"قوة","language":"ar"},"scenes":[
      {"text_overlay":"Pairs","narration":"They come in pairs.","bullets":["Equal","Opposite"],
       "annotations":[{"type":"label","label":"Action"}]}],"key_concepts":["مبدأ"]})");
  ASSERT_TRUE(board.has_value()) << board.error().message;
  EXPECT_EQ(to_markdown(*board),
            "# قوة\n\n## Pairs\n\nThey come in pairs.\n\n- Equal\n- Opposite\n\n- Action\n\n## النقاط الرئيسية\n\n- "
            "مبدأ\n");
}

}  // namespace
}  // namespace vivid::render
