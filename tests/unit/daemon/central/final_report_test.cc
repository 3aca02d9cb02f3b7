#include "daemon/central/final_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/intake/job_payload.h"
#include "daemon/pipeline/job_plan.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr const char* kId = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

json script() {
  return {
      {"title", "Forces"}, {"topic_id", "topic_phys"}, {"sections", {{{"title", "One"}, {"content", "It pulls."}}}}};
}

Request request() {
  Request made;
  made.id = *Uuid::parse(kId);
  made.student_query = "What pulls?";
  made.interest = "soccer";
  made.topic = "Forces";
  made.modalities = {Modality::text, Modality::video};
  made.preferred = Modality::text;
  made.input = "```json\n" + script().dump() + "\n```";
  return made;
}

queue::StageView stage(std::string_view name, const std::string& result) {
  queue::StageView view;
  view.name = name;
  view.state = result.empty() ? queue::StageState::skipped : queue::StageState::completed;
  view.attempts = 1;
  view.result = result;
  if (!result.empty()) {
    view.started_at = WallTime(std::chrono::seconds(10));
    view.finished_at = WallTime(std::chrono::seconds(12));
  }
  return view;
}

std::string published() {
  json result = json::parse(render::to_json({}));
  const std::string prefix = std::string("requests/") + kId + "/7/";
  result["published"] = json::array();
  for (const auto& [name, type] : {std::pair("video.mp4", "video/mp4"), std::pair("captions.vtt", "text/vtt"),
                                   std::pair("thumbnail.jpg", "image/jpeg"), std::pair("narration.m4a", "audio/mp4"),
                                   std::pair("text.md", "text/markdown"),
                                   // The same in other formats.
                                   std::pair("video-720p.mp4", "video/mp4"), std::pair("hls/sound.m4a", "audio/mp4"),
                                   std::pair("hls/captions.vtt", "text/vtt"), std::pair("poster.jpg", "image/jpeg")}) {
    result["published"].push_back(
        {{"name", name}, {"object", prefix + name}, {"uri", "file:///o/b/" + prefix + name}, {"content_type", type}});
  }
  return result.dump();
}

queue::JobView job() {
  queue::JobView view;
  view.summary.uid = kId;
  view.summary.fence = 7;
  view.summary.correlation_id = "req_1";
  view.summary.state = queue::JobState::completed;
  view.payload = encode_payload(request());
  render::StageResult speech;
  speech.media_seconds = 31.6;
  speech.language = "en";
  render::StageResult video;
  video.encoder = "libx264";
  video.fallback_reason = "no device";
  video.media_seconds = 31.4;
  video.warnings = {"plain theme"};
  view.stages = {stage(kStageValidation, render::to_json({})),
                 stage(kStageScriptGeneration, ""),
                 stage(render::kStageAudioSynthesis, render::to_json(speech)),
                 stage(render::kStageVideoGeneration, render::to_json(video)),
                 stage(kStageVideoProcessing, published()),
                 stage(kStageNotification, "")};
  return view;
}

ReportContext context() { return {"host-a", "b", {}, {{"video_generation", 3}}}; }

json told(const std::string& kind, const json& body, const queue::JobView& of, const std::string& stage_name = "") {
  queue::OutboxRow row;
  row.uid = kId;
  row.kind = kind;
  row.stage = stage_name;
  row.body = body.dump();
  const auto text = delivery_body(row, of, context());
  EXPECT_TRUE(text) << text.error().message;
  return text ? json::parse(*text) : json();
}

TEST(FinalReport, AcceptedNamesEveryStageInThePlatformsOrder) {
  const json body = told("accepted", {{"created_at_us", 5}, {"stages", json::array()}}, job());
  EXPECT_EQ(body["at_us"], 5);
  ASSERT_EQ(body["stages"].size(), 7U);
  EXPECT_EQ(body["stages"][4],
            (json{{"name", "video_generation"}, {"order", 4}, {"status", "pending"}, {"max_retries", 2}}));
  EXPECT_EQ(body["stages"][1],
            (json{{"name", "rag_retrieval"}, {"order", 2}, {"status", "skipped"}, {"max_retries", 0}}));
  EXPECT_EQ(body["stages"][2]["status"], "skipped");
}

TEST(FinalReport, StageTellsItsResultWithoutWhatIsForOthers) {
  render::StageResult result;
  result.encoder = "libx264";
  result.cpu_seconds = 1.5;
  json kept = json::parse(render::to_json(result));
  kept["script"] = "long";
  const json body = told(
      "stage", {{"state", "completed"}, {"attempt", 2}, {"started_at_us", 1}, {"finished_at_us", 9}, {"result", kept}},
      job(), "video_generation");
  EXPECT_EQ(body["status"], "completed");
  EXPECT_EQ(body["request_status"], "generating_video");
  EXPECT_EQ(body["attempt"], 2);
  EXPECT_EQ(body["output"], (json{{"encoder", "libx264"}, {"cpu_seconds", 1.5}}));
}

TEST(FinalReport, CancelledStageIsSkippedForThePlatform) {
  const json body =
      told("stage", {{"state", "cancelled"}, {"attempt", 1}, {"error_code", "cancelled"}, {"error_message", "m"}},
           job(), "video_generation");
  EXPECT_EQ(body["status"], "skipped");
  EXPECT_EQ(body["error_code"], "cancelled");
}

TEST(FinalReport, CompletedTellsWhatThereIs) {
  const json body = told("final", {{"state", "completed"}, {"finished_at_us", 99}}, job());
  EXPECT_EQ(body["status"], "completed");
  EXPECT_EQ(body["at_us"], 99);
  EXPECT_EQ(body["usage"], (json{"text", "video"}));
  const json& content = body["content"];
  EXPECT_EQ(content["title"], "Forces");
  EXPECT_EQ(content["topic_id"], "topic_phys");
  EXPECT_EQ(content["topic_name"], "Forces");
  EXPECT_EQ(content["interest_id"], "soccer");
  EXPECT_EQ(content["modality_type"], "text");
  EXPECT_EQ(content["video_url"], std::string("file:///o/b/requests/") + kId + "/7/video.mp4");
  EXPECT_EQ(content["audio_url"], std::string("file:///o/b/requests/") + kId + "/7/narration.m4a");
  EXPECT_EQ(content["captions_url"], std::string("file:///o/b/requests/") + kId + "/7/captions.vtt");
  EXPECT_EQ(content["thumbnail_url"], std::string("file:///o/b/requests/") + kId + "/7/thumbnail.jpg");
  EXPECT_EQ(content["gcs_bucket"], "b");
  EXPECT_EQ(content["gcs_path"], std::string("requests/") + kId + "/7/video.mp4");
  EXPECT_EQ(content["captions_format"], "vtt");
  EXPECT_EQ(content["duration_seconds"], 31);
  EXPECT_EQ(content["audio_duration_seconds"], 32);
  EXPECT_EQ(content["supported_formats"], (json{"text", "audio", "video"}));
  EXPECT_EQ(json::parse(content["script_text"].get<std::string>()), script());
  EXPECT_TRUE(content["text_content"].get<std::string>().starts_with("# Forces"));
  const json& metadata = content["generation_metadata"];
  EXPECT_EQ(metadata["encoder"], "libx264");
  EXPECT_EQ(metadata["fallback_reason"], "no device");
  EXPECT_EQ(metadata["fence"], 7);
  EXPECT_EQ(metadata["node"], "host-a");
  EXPECT_EQ(metadata["stages"]["video_generation"]["seconds"], 2.0);
  EXPECT_EQ(metadata["warnings"], json{"plain theme"});
}

TEST(FinalReport, FailedTellsWhyAndEveryAttempt) {
  queue::JobView failed = job();
  failed.summary.state = queue::JobState::quarantined;
  queue::AttemptView attempt;
  attempt.stage = "video_generation";
  attempt.attempt = 1;
  attempt.outcome = "worker_crashed";
  attempt.message = "signal 9";
  failed.attempts = {attempt};
  const json body = told("final",
                         {{"state", "quarantined"},
                          {"finished_at_us", 1},
                          {"error_code", "worker_crashed"},
                          {"error_message", "signal 9"},
                          {"error_stage", "video_generation"}},
                         failed);
  EXPECT_EQ(body["status"], "failed");
  EXPECT_FALSE(body.contains("content"));
  EXPECT_EQ(body["error"]["stage"], "video_generation");
  EXPECT_EQ(body["error"]["details"]["attempts"][0]["outcome"], "worker_crashed");
  EXPECT_EQ(body["error"]["details"]["state"], "quarantined");
}

TEST(FinalReport, NulBecomesAReplacementCharacter) {
  queue::JobView odd = job();
  Request asked = request();
  asked.student_query = std::string("a\0b", 3);
  odd.payload = encode_payload(asked);
  const json body = told("final", {{"state", "completed"}, {"finished_at_us", 1}}, odd);
  EXPECT_EQ(body["content"]["description"],
            "a\xEF\xBF\xBD"
            "b");
}

TEST(FinalReport, UnreadableRowIsAnError) {
  queue::OutboxRow row;
  row.kind = "final";
  row.body = "{";
  EXPECT_EQ(delivery_body(row, job(), context()).error().code, ErrorCode::data_corrupt);
  row.kind = "rumour";
  row.body = "{}";
  EXPECT_EQ(delivery_body(row, job(), context()).error().code, ErrorCode::data_corrupt);
}

}  // namespace
}  // namespace vivid::daemon
