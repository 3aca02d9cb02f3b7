#include "daemon/vividctl/text.h"

#include <gtest/gtest.h>

namespace vivid::ctl {
namespace {

TEST(Text, CountsWideAndCombiningCharactersAsTheTerminalDoes) {
  EXPECT_EQ(columns_of("abc"), 3);
  EXPECT_EQ(columns_of("日本語"), 6);
  EXPECT_EQ(columns_of("e\u0301"), 1);
  EXPECT_EQ(columns_of("دورة"), 4);
  EXPECT_EQ(columns_of("🎬"), 2);
}

TEST(Text, CutsWideTextWithoutGoingOverTheEdge) {
  EXPECT_EQ(truncated("日本語", 6), "日本語");
  EXPECT_EQ(truncated("日本語", 5), "日本…");
  EXPECT_EQ(truncated("日本語", 4), "日…");
  EXPECT_EQ(truncated("ae\u0301bc", 3), "ae\u0301…");
  EXPECT_EQ(truncated("abc", 0), "");
  EXPECT_EQ(truncated("abcdef", 3, false), "ab.");
}

TEST(Text, TakesTheSenseOutOfEscapeSequences) {
  EXPECT_EQ(printable("a\x1b]0;owned\x07z\n"), "a ]0;owned z ");
  EXPECT_EQ(printable("a\u009b31mz"), "a 31mz");
  EXPECT_EQ(printable("ok\u202egpj"), "okgpj");
}

TEST(Text, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("a\xff\xc0\xafz"), "a\ufffd\ufffd\ufffdz");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(printable("\xe6\x97"), "\ufffd\ufffd");
}

TEST(Text, WrapsAtSpaces) {
  EXPECT_EQ(wrapped("one two three", 8, "  "), "one two\n  three");
  EXPECT_EQ(wrapped("unbreakable x", 4, ""), "unbreakable\nx");
}

}  // namespace
}  // namespace vivid::ctl
