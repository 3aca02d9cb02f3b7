#include "sync/central/results/outline.h"

#include <gtest/gtest.h>

namespace vivid::sync {
namespace {

TEST(Outline, FindsTheStatusOfTheOutermostObject) {
  const auto outline =
      outline_of(R"({"at_us": 5, "stages": [{"status": "skipped"}], "status" : "completed", "x": "y"})");
  ASSERT_TRUE(outline);
  EXPECT_EQ(outline->status, "completed");
}

TEST(Outline, TakesNoStatusThatIsAValueNestedOrNoText) {
  for (const char* json : {R"({"a": "status", "b": "completed"})", R"({"a": {"status": "failed"}})",
                           R"({"status": 5, "x": "completed"})", R"({"status": {"x": "completed"}, "y": "failed"})",
                           R"({"status": null})", R"({"a": ["status", "completed"]})", "{}"}) {
    const auto outline = outline_of(json);
    ASSERT_TRUE(outline) << json;
    EXPECT_EQ(outline->status, "") << json;
  }
}

TEST(Outline, ReadsPastQuotesAndBracketsInText) {
  const auto outline = outline_of(R"({"a": "}\"{[", "b\\": "\\", "status": "failed"})");
  ASSERT_TRUE(outline);
  EXPECT_EQ(outline->status, "failed");
}

TEST(Outline, RefusesWhatCouldSaySomethingElseInALargerText) {
  for (const char* json : {"", "null", "[]", "\"{}\"", "{}{}", "{}}", "{},{}", R"({}},{"id": 1)", "{\"a\": [}]",
                           "{\"a\": \"b", "{\"a\": \"b\\\"}", "{", "{[}", " {}", "{} "}) {
    EXPECT_FALSE(outline_of(json)) << json;
  }
}

}  // namespace
}  // namespace vivid::sync
