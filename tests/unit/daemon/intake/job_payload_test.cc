#include "daemon/intake/job_payload.h"

#include <gtest/gtest.h>

namespace vivid::daemon {
namespace {

TEST(JobPayload, KeepsARequestAsItWas) {
  Request request;
  request.id = Uuid::random();
  request.student_query = "why \"so\"?";
  request.modalities = {Modality::audio, Modality::text};
  request.preferred = Modality::text;
  request.input = "{}";
  request.topic = "Forces";
  request.topic_id = "topic_phys";
  request.preferences.height_px = 720;
  request.preferences.watermark = "";
  request.preferences.font_scale = 1.5;
  request.preferences.formats.add(render::Format::hls);
  request.warnings = {"left out"};
  const auto back = decode_payload(encode_payload(request));
  ASSERT_TRUE(back);
  const auto& same = std::get<Request>(*back);
  EXPECT_EQ(same.id, request.id);
  EXPECT_EQ(same.student_query, request.student_query);
  EXPECT_EQ(same.modalities, request.modalities);
  EXPECT_EQ(same.preferred, request.preferred);
  EXPECT_EQ(same.input, request.input);
  EXPECT_EQ(same.topic, request.topic);
  EXPECT_EQ(same.topic_id, request.topic_id);
  EXPECT_EQ(same.preferences, request.preferences);
  EXPECT_EQ(same.warnings, request.warnings);
}

TEST(JobPayload, KeepsARefusedMessageWithItsReason) {
  const auto back = decode_payload(encode_payload(RejectedMessage{"{\"x\":1}", "no id"}));
  ASSERT_TRUE(back);
  EXPECT_EQ(std::get<RejectedMessage>(*back).message, "{\"x\":1}");
  EXPECT_EQ(std::get<RejectedMessage>(*back).reason, "no id");
}

TEST(JobPayload, KeepsTheBeginningOfALongRefusedMessageInWholeCharacters) {
  std::string message = "x";
  while (message.size() < 1'000'000) message += "é";
  const std::string text = encode_payload(RejectedMessage{message, "no id"});
  EXPECT_LT(text.size(), kMaxRejectedBytes + 500);
  const auto back = decode_payload(text);
  ASSERT_TRUE(back.has_value());
  const std::string& kept = std::get<RejectedMessage>(*back).message;
  EXPECT_EQ(kept.substr(0, 65'535), message.substr(0, 65'535));
  EXPECT_NE(kept.find("é … (cut: the message has 1000001 bytes)"), std::string::npos) << kept.substr(65'500);
}

TEST(JobPayload, RefusesForeignText) {
  for (const char* text : {"", "{}", "[]", R"({"request":{}})", R"({"rejected":1})"}) {
    const auto back = decode_payload(text);
    ASSERT_FALSE(back) << text;
    EXPECT_EQ(back.error().code, ErrorCode::data_corrupt);
  }
}

TEST(JobPayload, SameBadIdIsTheSameRecord) {
  EXPECT_EQ(rejected_job_id("test-smoke-002"), rejected_job_id("test-smoke-002"));
  EXPECT_NE(rejected_job_id("test-smoke-002"), rejected_job_id("test-smoke-003"));
}

}  // namespace
}  // namespace vivid::daemon
