#include "render/speech/spoken_text.h"

#include <gtest/gtest.h>

#include "render/speech/words.h"
#include "render/storyboard/characters.h"

namespace vivid::render {
namespace {

std::string spoken(std::string_view text, std::string_view language = "en") { return to_spoken(text, language).text; }

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const WordSpan& span : split_words(text)) out.emplace_back(text.substr(span.offset, span.length));
  return out;
}

TEST(SpokenText, FormulasAreSpelledAndOperatorsNamed) {
  EXPECT_EQ(spoken("6 CO₂ + 6 H₂O → C₆H₁₂O₆ + 6 O₂."), "6 C O 2 plus 6 H 2 O yields C 6 H 12 O 6 plus 6 O 2.");
  EXPECT_EQ(spoken("m = (y₂ − y₁) / (x₂ − x₁)"), "m equals (y 2 minus y 1) over (x 2 minus x 1)");
  EXPECT_EQ(spoken("Ca(OH)₂"), "C A O H 2");
  EXPECT_EQ(spoken("2 × 3 = 6", "de"), "2 mal 3 gleich 6");
}

TEST(SpokenText, OrdinaryWritingStaysAsItIs) {
  for (const char* text : {"A4 and/or C++, 3.14 km", "Die NATO; A4 und DIN", "دورة الماء", "水は蒸発する。", "I am"}) {
    EXPECT_EQ(spoken(text), text);
  }
}

TEST(SpokenText, EachCharacterKnowsWhereItCameFrom) {
  const std::string written = "Add CO₂ − now";
  const SpokenText out = to_spoken(written, "en");
  ASSERT_EQ(out.origins.size(), count_code_points(out.text));
  EXPECT_TRUE(std::is_sorted(out.origins.begin(), out.origins.end()));
  EXPECT_EQ(out.origins[out.text.find("2")], written.find("₂"));
  EXPECT_EQ(out.origins[out.text.find("minus")], written.find("−"));
  EXPECT_EQ(out.origins[out.text.find("now")], written.find("now"));
}

TEST(SplitWords, KeepPunctuationAndPartUnspacedScripts) {
  EXPECT_EQ(words("  Well-known, (yes) — it's 3 = 3!"),
            (std::vector<std::string>{"Well-known,", "(yes)", "it's", "3", "=", "3!"}));
  EXPECT_EQ(words("水は、蒸発。"), (std::vector<std::string>{"水", "は、", "蒸", "発。"}));
  EXPECT_EQ(words("التبخر (evaporation)"), (std::vector<std::string>{"التبخر", "(evaporation)"}));
  EXPECT_TRUE(words(" — … ").empty());
}

}  // namespace
}  // namespace vivid::render
