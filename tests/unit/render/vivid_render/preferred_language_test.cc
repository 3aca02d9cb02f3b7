#include "render/vivid_render/preferred_language.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

TEST(PreferredLanguage, IsTakenHoweverItIsTyped) {
  for (const char* typed : {"pt-BR", "PT_br", "pt_BR"}) {
    EXPECT_EQ(preferred_language(typed).tag, "pt-BR") << typed;
    EXPECT_EQ(preferred_language(typed).warning, "") << typed;
  }
  EXPECT_EQ(preferred_language("zh-hant").tag, "zh-Hant");
}

TEST(PreferredLanguage, IsEnglishWhereThereIsNone) {
  EXPECT_EQ(preferred_language("").tag, "en");
  EXPECT_EQ(preferred_language("").warning, "");
}

TEST(PreferredLanguage, IsEnglishWithAWarningWhereItIsNotKnown) {
  EXPECT_EQ(preferred_language("Klingon").warning, "the preferred language 'Klingon' is not known; English is used");
  for (const char* unknown : {"Klingon", "xx", "e", "../en", "\xff\xfe", "en-"}) {
    EXPECT_EQ(preferred_language(unknown).tag, "en") << unknown;
    EXPECT_NE(preferred_language(unknown).warning, "") << unknown;
  }
}

}  // namespace
}  // namespace vivid::render
