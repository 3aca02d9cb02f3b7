#include "daemon/intake/request.h"

#include <gtest/gtest.h>

namespace vivid::daemon {
namespace {

constexpr const char* kId = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

std::string message(const std::string& more) {
  return std::string(R"({"request_id":")") + kId +
         R"(","student_id":"s","student_query":"Explain slope","grade_level":10)" + more + "}";
}

std::string refusal(const std::string& text) {
  const auto request = parse_request(text, "dev");
  return request ? "accepted" : request.error().message;
}

TEST(Request, OldClientsWithoutModalitiesGetAVideo) {
  for (const char* more : {"", R"(,"requested_modalities":null)", R"(,"requested_modalities":[])"}) {
    const auto request = parse_request(message(more), "dev");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->modalities, std::vector{Modality::video});
    EXPECT_EQ(request->preferred, Modality::video);
  }
}

TEST(Request, ImageMeansImagesAndRepeatsCollapse) {
  const auto request = parse_request(message(R"(,"requested_modalities":["image","text","images","text"])"), "dev");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->modalities, (std::vector{Modality::images, Modality::text}));
  EXPECT_EQ(request->preferred, Modality::images);
}

TEST(Request, UnknownModalityIsNamedWithWhatIsAllowed) {
  const std::string why = refusal(message(R"(,"requested_modalities":["smell"])"));
  EXPECT_NE(why.find("smell"), std::string::npos) << why;
  EXPECT_NE(why.find("text, audio, video and images"), std::string::npos) << why;
  EXPECT_NE(refusal(message(R"(,"requested_modalities":"video")")).find("list"), std::string::npos);
}

TEST(Request, AllProblemsComeAtOnce) {
  const std::string why = refusal(R"({"request_id":"test-smoke-002","grade_level":13,"environment":"prod"})");
  for (const char* part : {"test-smoke-002", "student_id", "student_query", "grade_level is 13", "prod"}) {
    EXPECT_NE(why.find(part), std::string::npos) << why;
  }
}

TEST(Request, GradeMustBeAWholeNumberFromNineToTwelve) {
  for (const char* grade : {"8", "13", "9.5", "\"10\"", "null", "true", "1e400"}) {
    EXPECT_NE(refusal(std::string(R"({"request_id":")") + kId +
                      R"(","student_id":"s","student_query":"q","grade_level":)" + grade + "}"),
              "accepted")
        << grade;
  }
}

TEST(Request, ScriptIsFoundAtTheTopOrInTheMetadataAsObjectOrText) {
  constexpr const char* kScript = R"({"title":"T","sections":[{"title":"A","content":"B"}]})";
  for (const std::string& more :
       {std::string(R"(,"script":)") + kScript, std::string(R"(,"request_metadata":{"script":)") + kScript + "}",
        std::string(
            R"(,"script":"```json\n{\"title\":\"T\",\"sections\":[{\"title\":\"A\",\"content\":\"B\"}]}\n```")")}) {
    const auto request = parse_request(message(more), "dev");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_FALSE(request->input.empty());
  }
}

TEST(Request, BrokenScriptRefusesTheRequest) {
  EXPECT_NE(refusal(message(R"(,"script":{"title":"T"})")), "accepted");
  EXPECT_NE(refusal(message(R"(,"script":7)")), "accepted");
}

TEST(Request, WhatIsNoJsonObjectIsRefused) {
  for (const char* text : {"", "[]", "{", "null", "\"x\""}) EXPECT_NE(refusal(text), "accepted") << text;
}

}  // namespace
}  // namespace vivid::daemon
