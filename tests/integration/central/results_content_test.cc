// What a final state leaves behind: content, costs, usage, errors.
#include "tests/integration/central/results_fixture.h"

namespace vivid::test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

class ResultsContent : public ResultsTest {
 protected:
  Held finish(const std::function<void(json&)>& change, const RequestRow& row = {}) {
    const Held held = hold(row);
    json body = completed_body();
    change(body);
    EXPECT_THAT(deliver({delivery(held, "final", body)}), ElementsAre(Verdict::applied));
    return held;
  }
};

TEST_F(ResultsContent, EveryFieldHasItsColumn) {
  const json all{{"title", "T"},
                 {"description", "D"},
                 {"topic_id", "photosynthesis"},
                 {"interest_id", "basketball"},
                 {"modality_type", "images"},
                 {"video_url", "gs://b/v"},
                 {"thumbnail_url", "gs://b/t"},
                 {"captions_url", "gs://b/c"},
                 {"captions_format", "srt"},
                 {"audio_url", "gs://b/a"},
                 {"image_urls", {"gs://b/1", "gs://b/2"}},
                 {"script_text", "S"},
                 {"text_content", "X"},
                 {"text_language", "ar"},
                 {"audio_language", "de"},
                 {"audio_duration_seconds", 61},
                 {"duration_seconds", 62},
                 {"gcs_bucket", "b"},
                 {"gcs_path", "p/v.mp4"},
                 {"supported_formats", {"video", "text", "video"}},
                 {"generation_metadata", {{"encoder", "h264_nvenc"}}}};
  const Held held = finish([&](json& body) { body["content"] = all; });
  json row = json::parse(value("SELECT to_jsonb(c) FROM content_metadata c"));
  EXPECT_EQ(row["content_id"], "vivid_" + held.id);
  EXPECT_EQ(row["request_id"], held.id);
  EXPECT_EQ(row["student_id"], "student");
  EXPECT_EQ(row["status"], "ready");
  EXPECT_EQ(row["script_content"], "S");
  for (const auto& [name, expected] : all.items()) {
    if (name == "script_text") continue;
    EXPECT_EQ(row[name], expected) << name;
  }
  const json request = json::parse(value("SELECT to_jsonb(r) FROM content_requests r"));
  EXPECT_EQ(request["video_url"], "gs://b/v");
  EXPECT_EQ(request["thumbnail_url"], "gs://b/t");
  EXPECT_EQ(request["script_text"], "S");
  EXPECT_EQ(request["output_formats"], json({"text", "video"}));
  EXPECT_TRUE(request["completed_at"].is_string());
}

TEST_F(ResultsContent, WhatIsAbsentIsTheColumnsDefault) {
  finish([](json& body) { body["content"] = {{"title", "T"}}; });
  EXPECT_EQ(value("SELECT modality_type || text_language || audio_language || captions_format || image_urls || "
                  "supported_formats || (text_content IS NULL)::text FROM content_metadata"),
            "videoenenvtt[][\"video\"]true");
}

TEST_F(ResultsContent, TheTopicComesFromItsIdThenItsNameThenNowhere) {
  const auto topic = [&](const json& id, const json& name) {
    return content(finish([&](json& body) {
                     body["content"]["topic_id"] = id;
                     body["content"]["topic_name"] = name;
                   }),
                   "topic_id");
  };
  EXPECT_EQ(topic("photosynthesis", "Newton's laws"), "photosynthesis");
  EXPECT_EQ(topic("topic_of_nobody", " NEWTON'S LAWS "), "newton");
  EXPECT_EQ(topic(nullptr, "newton's laws"), "newton");
  EXPECT_EQ(topic(nullptr, "Knitting"), "unclassified");
  EXPECT_EQ(topic(nullptr, nullptr), "unclassified");
}

TEST_F(ResultsContent, OfTwoTopicsOfOneNameTheActiveOneIsTaken) {
  sql("INSERT INTO topics (topic_id, subject, unit, name, active) VALUES ('aaa', 's', 'u', 'Waves', false),"
      " ('bbb', 's', 'u', 'waves', true)");
  const Held held = finish([](json& body) {
    body["content"].erase("topic_id");
    body["content"]["topic_name"] = "Waves";
  });
  EXPECT_EQ(content(held, "topic_id"), "bbb");
}

TEST_F(ResultsContent, AnInterestThatTheCatalogueLacksIsLeftOut) {
  const Held held = finish([](json& body) { body["content"]["interest_id"] = "chess"; });
  EXPECT_EQ(content(held, "interest_id IS NULL"), "t");
}

TEST_F(ResultsContent, ReprocessingReplacesTheContentAndCountsNothingTwice) {
  const Held first = finish([](json&) {});
  sql("UPDATE content_metadata SET view_count = 41, average_rating = 4.5;"
      "UPDATE content_requests SET status = 'validating', progress_percentage = 0;"
      "UPDATE vividd.request_lease SET state = 'leased'");
  const Held again = taken_over(first);
  json body = completed_body();
  body["content"]["title"] = "Second edition";
  body["content"]["supported_formats"] = {"text"};
  EXPECT_THAT(deliver({delivery(again, "final", body)}), ElementsAre(Verdict::applied));
  EXPECT_EQ(value("SELECT count(*) FROM content_metadata"), "1");
  EXPECT_EQ(content(first, "title || view_count || average_rating"), "Second edition414.50");
  EXPECT_EQ(of(first, "output_formats"), "[\"text\"]");
  EXPECT_EQ(value("SELECT count(*) FROM vividd.request_usage"), "1");
  EXPECT_EQ(value("SELECT count(*) FROM vividd.request_cost"), "2");  // both runs were paid for
}

TEST_F(ResultsContent, OtherContentOfTheRequestStaysInOutputFormats) {
  const Held held = hold();
  sql("INSERT INTO content_metadata (content_id, request_id, student_id, topic_id, title, status, supported_formats)"
      " VALUES ('other', '" +
      held.id + "', 'student', 'newton', 'T', 'ready', '[\"images\"]')");
  EXPECT_THAT(deliver({completed(held)}), ElementsAre(Verdict::applied));
  EXPECT_EQ(of(held, "output_formats"), "[\"audio\", \"images\", \"video\"]");
}

TEST_F(ResultsContent, AFailureSaysWhatWhereAndWhy) {
  const Held held = hold();
  EXPECT_THAT(deliver({accepted(held), delivery(held, "final", failed_body())}), Each(Verdict::applied));
  EXPECT_EQ(of(held, "status || ' ' || error_stage || ' ' || error_message"),
            "failed validation sections[0].title is missing");
  EXPECT_EQ(of(held, "error_details ->> 'code' || ' ' || (error_details ->> 'field')"),
            "invalid_input sections[0].title");
  EXPECT_EQ(of(held, "failed_at IS NOT NULL AND completed_at IS NULL AND progress_percentage < 100"), "t");
  EXPECT_EQ(value("SELECT severity || ' ' || event_message FROM request_events WHERE event_type = 'request_failed'"),
            "error Failed in validation on node-a: sections[0].title is missing");
  EXPECT_EQ(audit(), "");
}

TEST_F(ResultsContent, ATextAnswerInOneDelivery) {
  RequestRow text;
  text.modalities = "[\"text\"]";
  text.preferred = "text";
  const Held held = hold(text);
  json body = completed_body();
  body["stages"] = {{{"name", "validation"}, {"order", 1}, {"status", "completed"}},
                    {{"name", "script_generation"},
                     {"order", 3},
                     {"status", "completed"},
                     {"started_at_us", 1'700'000'000 * kSecond},
                     {"finished_at_us", 1'700'000'001 * kSecond}},
                    {{"name", "video_generation"}, {"order", 4}, {"status", "skipped"}}};
  body["costs"].push_back({{"entry", "saving"},
                           {"kind", "video"},
                           {"modality", "text"},
                           {"quantity", 1},
                           {"unit", "request"},
                           {"unit_price_usd", 0.183}});
  EXPECT_THAT(deliver({delivery(held, "final", body)}), ElementsAre(Verdict::applied));
  EXPECT_EQ(of(held, "status || ' ' || progress_percentage || ' ' || current_stage"),
            "completed 100 script_generation");
  EXPECT_EQ(stage_of(held, "script_generation", "duration_seconds"), "1.000");
  EXPECT_EQ(value("SELECT string_agg(entry || ' ' || usd || ' ' || organization_id, ', ' ORDER BY entry)"
                  " FROM vividd.request_cost"),
            "cost 0.010 org, saving 0.183 org");
  EXPECT_EQ(value("SELECT modality || ' ' || student_id || ' ' || (month = date_trunc('month', now()))"
                  " FROM vividd.request_usage"),
            "video student true");
  EXPECT_EQ(audit(), "");
}

TEST_F(ResultsContent, TimesOfTheHostStayBetweenTheServersOwn) {
  const Held late = finish([](json& body) { body["at_us"] = 4'000'000'000 * kSecond; });
  const Held early = finish([](json& body) { body["at_us"] = 1; });
  EXPECT_EQ(of(late, "completed_at <= (now() AT TIME ZONE 'UTC') AND total_duration_seconds >= 0"), "t");
  EXPECT_EQ(of(early, "completed_at = started_at AND total_duration_seconds = 0"), "t");
}

}  // namespace
}  // namespace vivid::test
