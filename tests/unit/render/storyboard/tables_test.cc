// Languages, phrases, subjects and characters: small tables, each by its edges.
#include <gtest/gtest.h>

#include "render/storyboard/characters.h"
#include "render/storyboard/language.h"
#include "render/storyboard/phrases.h"
#include "render/storyboard/subject.h"

namespace vivid::render {
namespace {

TEST(Language, TagsAreBroughtIntoTheirUsualForm) {
  EXPECT_EQ(canonical_language("PT_br"), "pt-BR");
  EXPECT_EQ(canonical_language("zh-hant-tw"), "zh-Hant-TW");
  EXPECT_EQ(canonical_language("es-419"), "es-419");
  for (const char* wrong : {"", "e", "English", "en-", "-en", "e1", "en us", "en--US", "en-123456789"}) {
    EXPECT_FALSE(canonical_language(wrong).has_value()) << wrong;
  }
}

TEST(Phrases, AreFoundByPrimaryLanguageAndElseEnglish) {
  EXPECT_EQ(phrases_for("pt-BR").takeaways, "Pontos-chave");
  EXPECT_EQ(phrases_for("zh-CN").takeaways, "要点回顾");
  EXPECT_EQ(phrases_for("zh-TW").takeaways, "重點回顧");
  EXPECT_EQ(phrases_for("xx").let_us_review, "Let's review the key points.");
}

TEST(Subject, IsTheFirstPartThatTells) {
  EXPECT_EQ(subject_of("topic_phys_mech"), Subject::physics);
  EXPECT_EQ(subject_of("topic_math_algebra_slope"), Subject::math);
  EXPECT_EQ(subject_of("AP-Calculus-1"), Subject::math);
  EXPECT_EQ(subject_of("organic.chemistry"), Subject::chemistry);
  EXPECT_EQ(subject_of("bio"), Subject::biology);
  EXPECT_EQ(subject_of("world_history_2"), Subject::history);
  EXPECT_EQ(subject_of("eng_lit"), Subject::literature);
  EXPECT_EQ(subject_of("topic_satellites"), Subject::other);
  EXPECT_EQ(subject_of(""), Subject::other);
}

TEST(Characters, BrokenUtf8ReadsAsReplacementsOfOneByte) {
  EXPECT_EQ(count_code_points("\xc3\xa9\xe6\xb0\xb4\xf0\x9f\x98\x80"), 3U);
  for (const char* broken : {"\xff", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_EQ(code_point_at(broken, 0).value, 0xfffdU);
    EXPECT_EQ(code_point_at(broken, 0).length, 1U);
  }
}

TEST(Characters, ClippingNeverPartsACodePoint) {
  EXPECT_EQ(clipped("水水水", 4), "水…");
  EXPECT_EQ(clipped("abc", 3), "abc");
}

}  // namespace
}  // namespace vivid::render
