#include "daemon/central/text_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace vivid::daemon {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class FixedClock : public Clock {
 public:
  WallTime now() const override { return WallTime(std::chrono::seconds(1'000)); }
  SteadyTime steady_now() const override { return {}; }
};

class FailingProvider : public ScriptProvider {
 public:
  explicit FailingProvider(ErrorCode code) : code_(code) {}
  Result<ProvidedScript> write(const Request&) const override { return fail(code_, "no script"); }

 private:
  ErrorCode code_;
};

class NoLessonProvider : public ScriptProvider {
 public:
  Result<ProvidedScript> write(const Request&) const override {
    return ProvidedScript{R"({"title": "No sections"})", "useless", {}};
  }
};

sync::ClaimedRequest claimed(const json& metadata, int number = 0) {
  char id[37];
  std::snprintf(id, sizeof id, "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f%04d", number);
  const json row = {{"correlation_id", "req"},
                    {"student_id", "student"},
                    {"topic", "Forces"},
                    {"grade_level", "10"},
                    {"created_at", "1970-01-01T00:16:39.5"},
                    {"requested_modalities", {"text"}},
                    {"preferred_modality", "video"},
                    {"request_metadata", metadata}};
  return {id, 4, 0, row.dump()};
}

class TextHostTest : public ::testing::Test {
 protected:
  TextHost host(const ScriptProvider& scripts) {
    return TextHost({clock_, scripts, metrics_, [](const std::function<void()>& work) { return work(), Status(); }},
                    {"dev", "host-a", {}, {}});
  }
  FixedClock clock_;
  Metrics metrics_;
  std::unique_ptr<ScriptProvider> scripts_ = make_template_script_provider();
};

TEST_F(TextHostTest, AnswersFromTheTemplateAndSaysSo) {
  TextHost texts = host(*scripts_);
  const auto outcomes = texts.answer({claimed(json::object())});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_FALSE(outcomes[0].later);
  const json body = json::parse(outcomes[0].final_body);
  EXPECT_EQ(body["status"], "completed");
  EXPECT_EQ(body["usage"], json{"text"});
  EXPECT_EQ(body["content"]["modality_type"], "text");
  EXPECT_EQ(body["content"]["supported_formats"], json{"text"});
  EXPECT_EQ(body["content"]["generation_metadata"]["script_provider"], "template");
  EXPECT_TRUE(body["content"]["gcs_path"].is_null());
  std::map<std::string, std::string> stages;
  for (const json& stage : body["stages"]) stages[stage["name"]] = stage["status"];
  EXPECT_EQ(stages["validation"], "completed");
  EXPECT_EQ(stages["script_generation"], "completed");
  EXPECT_EQ(stages["text_generation"], "completed");
  EXPECT_EQ(stages["video_generation"], "skipped");
  EXPECT_EQ(stages["notification"], "skipped");
  EXPECT_EQ(stages["rag_retrieval"], "skipped");
}

TEST_F(TextHostTest, WrongRowIsAnsweredWithItsFailure) {
  TextHost texts = host(*scripts_);
  const auto outcomes = texts.answer({claimed({{"script", {{"title", "only"}}}})});
  const json body = json::parse(outcomes[0].final_body);
  EXPECT_EQ(body["status"], "failed");
  EXPECT_EQ(body["error"]["stage"], "validation");
  EXPECT_EQ(body["error"]["code"], "invalid_input");
}

TEST_F(TextHostTest, WhatMayPassIsGivenBack) {
  const FailingProvider busy(ErrorCode::unavailable);
  TextHost texts = host(busy);
  const auto outcomes = texts.answer({claimed(json::object())});
  ASSERT_TRUE(outcomes[0].later);
  EXPECT_GT(outcomes[0].retry_after.count(), 0);
}

TEST_F(TextHostTest, WhatWillNotPassFailsAtTheScript) {
  const FailingProvider refusing(ErrorCode::unsupported);
  TextHost texts = host(refusing);
  const json body = json::parse(texts.answer({claimed(json::object())})[0].final_body);
  EXPECT_EQ(body["error"]["stage"], "script_generation");
}

TEST_F(TextHostTest, ScriptThatNoTextComesOfIsStillPaidFor) {
  const NoLessonProvider useless;
  TextHost texts = host(useless);
  const json body = json::parse(texts.answer({claimed(json::object())})[0].final_body);
  EXPECT_EQ(body["status"], "failed");
  EXPECT_EQ(body["error"]["stage"], "text_generation");
  ASSERT_EQ(body["costs"].size(), 1U);
  EXPECT_EQ(body["costs"][0]["entry"], "cost");
  EXPECT_EQ(body["costs"][0]["kind"], "script");
  const FailingProvider refusing(ErrorCode::unsupported);
  TextHost unwritten = host(refusing);
  EXPECT_EQ(json::parse(unwritten.answer({claimed(json::object())})[0].final_body)["costs"], json::array());
}

TEST_F(TextHostTest, LargeBatchKeepsItsOrder) {
  TextHost texts = host(*scripts_);
  std::vector<sync::ClaimedRequest> batch;
  for (int i = 0; i < 500; ++i) batch.push_back(claimed({{"student_query", "Question " + std::to_string(i)}}, i));
  const auto outcomes = texts.answer(batch);
  ASSERT_EQ(outcomes.size(), 500U);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(json::parse(outcomes[static_cast<std::size_t>(i)].final_body)["content"]["title"],
              "Question " + std::to_string(i));
  }
}

TEST_F(TextHostTest, CountsWhatTheDatabaseKept) {
  TextHost texts = host(*scripts_);
  const std::vector batch{claimed(json::object(), 1), claimed({{"script", 7}}, 2), claimed(json::object(), 3)};
  const auto outcomes = texts.answer(batch);
  texts.text_ended(batch[0], outcomes[0], sync::Verdict::applied);
  texts.text_ended(batch[1], outcomes[1], sync::Verdict::applied);
  texts.text_ended(batch[2], outcomes[2], sync::Verdict::stale);
  EXPECT_FALSE(outcomes[0].failed);
  EXPECT_TRUE(outcomes[1].failed);
  EXPECT_EQ(texts.tallies().completed, 1);
  EXPECT_EQ(texts.tallies().failed, 1);
  EXPECT_DOUBLE_EQ(texts.tallies().saved_usd, 0.183);
  EXPECT_THAT(metrics_.expose(), HasSubstr("vividd_central_text_latency_seconds_bucket{le=\"0.25\"} 0"));
  EXPECT_THAT(metrics_.expose(), HasSubstr("vividd_central_text_latency_seconds_bucket{le=\"0.5\"} 2"));
}

TEST_F(TextHostTest, CountsAnAnswerWhoseReceiptWasLost) {
  TextHost texts = host(*scripts_);
  const std::vector batch{claimed(json::object(), 1)};
  texts.text_ended(batch[0], texts.answer(batch)[0], sync::Verdict::duplicate);
  EXPECT_EQ(texts.tallies().completed, 1);
  EXPECT_DOUBLE_EQ(texts.tallies().saved_usd, 0.183);
}

TEST_F(TextHostTest, SavesNothingByWhatWasRefusedOrCancelled) {
  TextHost texts = host(*scripts_);
  const std::vector batch{claimed(json::object(), 1), claimed(json::object(), 2)};
  sync::TextOutcome refused = texts.answer(batch)[0];
  refused.failed = true;
  sync::TextOutcome cancelled;
  cancelled.cancelled = true;
  texts.text_ended(batch[0], refused, sync::Verdict::applied);
  texts.text_ended(batch[1], cancelled, sync::Verdict::applied);
  EXPECT_EQ(texts.tallies().completed, 0);
  EXPECT_EQ(texts.tallies().failed, 1);
  EXPECT_DOUBLE_EQ(texts.tallies().saved_usd, 0.0);
}

}  // namespace
}  // namespace vivid::daemon
