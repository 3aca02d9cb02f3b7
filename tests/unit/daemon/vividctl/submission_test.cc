#include "daemon/vividctl/submission.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/files.h"

namespace vivid::ctl {
namespace {

constexpr const char* kId = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

Json only(std::string_view text, const SubmissionOptions& options = {}) {
  const auto submissions = read_submissions(text, options);
  EXPECT_TRUE(submissions.has_value() && submissions->size() == 1);
  return Json::parse(submissions.value().at(0).params);
}

TEST(Submission, KnowsARequestMessageFromAScript) {
  EXPECT_EQ(only(R"({"request_id": "x", "student_query": "q"})")["request"]["student_query"], "q");
  const std::string script = R"({"title": "T", "sections": []})";
  EXPECT_EQ(only("\xef\xbb\xbf  " + script + "\n")["input"], script);
  EXPECT_EQ(only("Sure!\n```json\n{}\n```")["input"], "Sure!\n```json\n{}\n```");
}

TEST(Submission, OptionsWinOverTheMessage) {
  SubmissionOptions options;
  options.modalities = {"text"};
  options.priority = 9;
  options.student_id = "s2";
  options.request_id = kId;
  const Json params = only(
      R"({"request_id": "x", "student_id": "s1", "requested_modalities": ["video"], "preferred_modality": "video"})",
      options);
  EXPECT_EQ(params, (Json{{"request", {{"request_id", kId}, {"student_id", "s2"}, {"requested_modalities", {"text"}}}},
                          {"priority", 9}}));
}

TEST(Submission, GivesABareInputAnIdOfItsOwn) {
  const Json first = only("a lesson");
  EXPECT_EQ(first["request_id"].get<std::string>().size(), 36);
  EXPECT_NE(first["request_id"], only("a lesson")["request_id"]);
}

TEST(Submission, ReadsJsonLinesAndNamesTheBadOne) {
  const auto read = read_submissions("{\"request_id\": \"a\"}\r\n\n{\"request_id\":\n{\"title\": \"t\"}\n", {});
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 3);
  EXPECT_EQ(read->at(0).line, 1);
  EXPECT_EQ(read->at(1).problem, "line 3 is not a JSON object");
  EXPECT_EQ(read->at(2).line, 4);
  EXPECT_TRUE(Json::parse(read->at(2).params).contains("input"));
}

TEST(Submission, RefusesEmptyAndBinaryInput) {
  EXPECT_EQ(read_submissions(" \n\t", {}).error().exit, ExitCode::invalid_input);
  EXPECT_EQ(read_submissions("\x89PNG\r\n\x1a\n", {}).error().exit, ExitCode::invalid_input);
  SubmissionOptions options;
  options.request_id = kId;
  EXPECT_EQ(read_submissions("{\"a\": 1}\n{\"a\": 2}\n", options).error().exit, ExitCode::usage);
}

TEST(Submission, TakesEverySample) {
  for (const auto& file : std::filesystem::directory_iterator(std::string(VIVID_SOURCE_DIR) + "/samples")) {
    if (file.path().extension() != ".json" && file.path().extension() != ".jsonl") continue;
    const auto read = read_submissions(read_file(file.path(), 1 << 20).value(), {});
    ASSERT_TRUE(read.has_value()) << file.path();
    EXPECT_EQ(read->size(), file.path().extension() == ".jsonl" ? 4 : 1) << file.path();
  }
}

}  // namespace
}  // namespace vivid::ctl
