#include "daemon/central/request_row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace vivid::daemon {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
constexpr const char* kId = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

json row() {
  return {{"id", kId},
          {"correlation_id", "req_1"},
          {"student_id", "student_1"},
          {"topic", "Photosynthesis"},
          {"learning_objective", "Name its two stages"},
          {"grade_level", "Grade 10"},
          {"created_at", "2026-11-20T21:02:03.456789"},
          {"requested_modalities", {"video"}},
          {"preferred_modality", "video"},
          {"modality_preferences", json::object()},
          {"request_metadata", {{"interest", "basketball"}, {"priority", 7}, {"topic_id", "topic_bio"}}},
          {"user", {{"grade_level", 11}, {"accessibility_settings", json::object()}, {"language_preference", "en"}}}};
}

ReadRow read(const json& row) { return read_row({kId, 3, 0, row.dump()}, "dev"); }

TEST(RequestRow, BecomesTheRequestThatItStandsFor) {
  const ReadRow read_now = read(row());
  ASSERT_TRUE(read_now.request) << read_now.request.error().message;
  const Request& request = *read_now.request;
  EXPECT_EQ(request.id.to_text(), kId);
  EXPECT_EQ(request.correlation_id, "req_1");
  EXPECT_EQ(request.student_query, "Photosynthesis. Name its two stages");
  EXPECT_EQ(request.grade_level, 10);
  EXPECT_EQ(request.interest, "basketball");
  EXPECT_EQ(request.priority, 7);
  EXPECT_EQ(request.topic, "Photosynthesis");
  EXPECT_EQ(request.topic_id, "topic_bio");
  EXPECT_THAT(request.warnings, IsEmpty());
  EXPECT_EQ(to_iso8601(*read_now.created_at), "2026-11-20T21:02:03.456Z");
}

TEST(RequestRow, QueryOfTheMetadataWins) {
  json asked = row();
  asked["request_metadata"]["student_query"] = "Why are leaves green?";
  EXPECT_EQ(read(asked).request->student_query, "Why are leaves green?");
}

TEST(RequestRow, OneThatTheDatabaseLeftOutIsRefused) {
  json asked = row();
  asked["requested_modalities"] = asked["modality_preferences"] = asked["request_metadata"] = nullptr;
  asked["oversize_bytes"] = 2'000'000;
  const ReadRow refused = read(asked);
  ASSERT_FALSE(refused.request);
  EXPECT_EQ(refused.request.error().code, ErrorCode::too_large);
  EXPECT_THAT(refused.request.error().message, HasSubstr("2000000 bytes"));
  EXPECT_EQ(refused.correlation_id, "req_1");
}

TEST(RequestRow, GradeIsTheRowsElseTheUsersElseTen) {
  json asked = row();
  for (const auto& [text, grade] : {std::pair<json, int>{"10", 10}, {"12th grade", 12}, {"Grade 9", 9}, {12, 12}}) {
    asked["grade_level"] = text;
    EXPECT_EQ(read(asked).request->grade_level, grade) << text;
    EXPECT_THAT(read(asked).request->warnings, IsEmpty());
  }
  asked["grade_level"] = nullptr;
  EXPECT_EQ(read(asked).request->grade_level, 11);
  EXPECT_THAT(read(asked).request->warnings, IsEmpty());
  for (const char* text : {"Kindergarten", "7", "9-12", "99999999999999"}) {
    asked["grade_level"] = text;
    EXPECT_EQ(read(asked).request->grade_level, 11) << text;
    EXPECT_THAT(read(asked).request->warnings, Contains(HasSubstr("grade_level is")));
  }
  asked["grade_level"] = nullptr;
  asked["user"] = nullptr;
  EXPECT_EQ(read(asked).request->grade_level, kGradeOfNobody);
  EXPECT_THAT(read(asked).request->warnings, Contains(HasSubstr("neither the request nor its student")));
}

TEST(RequestRow, PreferencesOfRowAndUserAreHonoured) {
  json asked = row();
  asked["modality_preferences"] = {{"video", {{"resolution", "720p"}, {"watermark", "Free plan"}}},
                                   {"audio", {{"voice", "en-US-Neural2-J"}}}};
  asked["duration_minutes"] = 3;
  asked["user"]["accessibility_settings"] = {{"captions", true}, {"high_contrast", true}, {"font_size", "large"}};
  asked["user"]["language_preference"] = "pt_br";
  const auto request = read(asked).request;
  ASSERT_TRUE(request);
  const Preferences& wanted = request->preferences;
  EXPECT_EQ(wanted.height_px, 720);
  EXPECT_EQ(wanted.watermark, "Free plan");
  EXPECT_EQ(wanted.duration_seconds, 180);
  EXPECT_EQ(wanted.voice, "en-US-Neural2-J");
  EXPECT_TRUE(wanted.captions);
  EXPECT_TRUE(wanted.high_contrast);
  EXPECT_DOUBLE_EQ(wanted.font_scale, 1.25);
  EXPECT_EQ(wanted.language, "pt-BR");
}

TEST(RequestRow, WrongPreferencesAreWarnings) {
  json asked = row();
  asked["modality_preferences"] = {{"video", {{"resolution", "8k"}, {"duration", -1}}}, {"audio", "loud"}};
  asked["user"]["accessibility_settings"] = {{"captions", "yes"}, {"font_size", 18}};
  asked["user"]["language_preference"] = "English";
  asked["request_metadata"]["priority"] = 11;
  const auto request = read(asked).request;
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->warnings.size(), 7U);
  EXPECT_EQ(request->preferences, Preferences());
  EXPECT_EQ(request->priority, kDefaultPriority);
}

TEST(RequestRow, WrongRowIsRefusedInTheWordsOfAMessage) {
  json asked = row();
  asked["requested_modalities"] = {"hologram"};
  const ReadRow wrong = read(asked);
  ASSERT_FALSE(wrong.request);
  EXPECT_EQ(wrong.request.error().code, ErrorCode::invalid_input);
  EXPECT_EQ(wrong.request.error().message,
            "requested_modalities names \"hologram\", allowed are text, audio, video and images");
  EXPECT_EQ(wrong.correlation_id, "req_1");
  // The record says the same when it is looked at again.
  EXPECT_EQ(parse_request(wrong.message, "dev").error().message, wrong.request.error().message);
  asked["requested_modalities"] = "text";
  EXPECT_THAT(read(asked).request.error().message, HasSubstr("allowed is a list"));
}

TEST(RequestRow, WrongScriptIsRefused) {
  json asked = row();
  asked["request_metadata"]["script"] = {{"title", "no sections"}};
  EXPECT_FALSE(read(asked).request);
}

TEST(RequestRow, WhateverTheMetadataAreTheRowIsRead) {
  for (const json& odd : {json(nullptr), json::array({1}), json("text"), json(7)}) {
    json asked = row();
    asked["request_metadata"] = odd;
    EXPECT_TRUE(read(asked).request) << odd;
  }
}

}  // namespace
}  // namespace vivid::daemon
