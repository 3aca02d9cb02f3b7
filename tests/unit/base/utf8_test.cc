#include "base/utf8.h"

#include <gtest/gtest.h>

#include "base/json_text.h"

namespace vivid {
namespace {

TEST(Utf8, AcceptsEverySequenceLength) {
  for (const char* text : {"", "plain", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a☃b😀"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesMalformedSequences) {
  for (const char* text : {"\x80", "\xc2", "\xc2 ", "\xe0\x80\x80", "\xe2\x98", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc0\xaf"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, CutsBetweenCharacters) {
  EXPECT_EQ(cut_between_characters("ab", 2), "ab");
  EXPECT_EQ(cut_between_characters("a☃b", 3), "a");
  EXPECT_EQ(cut_between_characters("a☃b", 4), "a☃");
}

TEST(JsonText, EscapesAndReplacesSoThatItIsAlwaysValid) {
  const auto quoted = [](std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  };
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("a\"b\\c\n\r\t\x01\x7f"), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\x7f\"");
  EXPECT_EQ(quoted("é☃😀"), "\"é☃😀\"");
  EXPECT_EQ(quoted("a\xff\xe2\x98z"), "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
  EXPECT_EQ(quoted({"\0", 1}), R"("\u0000")");
}

TEST(Utf8, FindsControlCharacters) {
  EXPECT_FALSE(has_control_characters("a b\xc2\xa0"));
  EXPECT_TRUE(has_control_characters("a\n"));
  EXPECT_TRUE(has_control_characters("\x7f"));
  EXPECT_TRUE(has_control_characters({"\0", 1}));
}

}  // namespace
}  // namespace vivid
