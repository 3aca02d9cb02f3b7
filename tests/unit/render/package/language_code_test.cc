#include "render/package/language_code.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

TEST(LanguageCode, KnowsTagsWithAndWithoutRegion) {
  EXPECT_EQ(iso_639_2("en"), "eng");
  EXPECT_EQ(iso_639_2("es-MX"), "spa");
  EXPECT_EQ(iso_639_2("ZH-Hant-TW"), "zho");
  EXPECT_EQ(iso_639_2("haw"), "haw");
}

TEST(LanguageCode, IsUndeterminedForAnythingElse) {
  for (const char* tag : {"", "x", "qq", "e1n", "englisch", "-"}) EXPECT_EQ(iso_639_2(tag), "und") << tag;
}

}  // namespace
}  // namespace vivid::render
