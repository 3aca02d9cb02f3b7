// Requests as operators make, find and change them in the central database.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "sync/central/reports/requests.h"
#include "tests/integration/central/central_fixture.h"

namespace vivid::test {
namespace {

// The defaults, but for what `change` sets.
template <typename Value, typename Change>
Value with(Change&& change) {
  Value value;
  change(value);
  return value;
}

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;
constexpr const char* kId = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

class RequestReports : public CentralTest {
 protected:
  static Json row(const std::string& id, const std::string& correlation) {
    return {{"id", id},
            {"correlation_id", correlation},
            {"student_id", "student"},
            {"topic", "Explain photosynthesis"},
            {"grade_level", "10"},
            {"request_metadata", {{"student_query", "Explain photosynthesis"}}},
            {"requested_modalities", {"text"}},
            {"preferred_modality", "text"},
            {"modality_preferences", Json::object()},
            {"organization_id", nullptr}};
  }
  static Json parsed(const Result<std::string>& document) {
    EXPECT_TRUE(document) << document.error().message;
    return document ? Json::parse(*document) : Json::object();
  }
};

TEST_F(RequestReports, TheSameIdTwiceIsOneRequest) {
  sync::Session session = open();
  EXPECT_EQ(parsed(sync::insert_request(session, row(kId, "req_1").dump()))["outcome"], "created");
  EXPECT_EQ(parsed(sync::insert_request(session, row(kId, "req_1").dump()))["outcome"], "exists");
  EXPECT_EQ(count("SELECT count(*) FROM content_requests"), 1);
  EXPECT_EQ(value("SELECT organization_id FROM content_requests"), "org");
  EXPECT_EQ(value("SELECT status FROM content_requests"), "pending");
}

TEST_F(RequestReports, SaysWhatInARowCannotBe) {
  sync::Session session = open();
  Json wrong = row(kId, "req_1");
  wrong["student_id"] = "nobody";
  EXPECT_EQ(parsed(sync::insert_request(session, wrong.dump()))["outcome"], "unknown_student");
  EXPECT_TRUE(sync::create_student(session, "nobody").value());
  EXPECT_FALSE(sync::create_student(session, "nobody").value());
  EXPECT_EQ(parsed(sync::insert_request(session, wrong.dump()))["outcome"], "created");

  Json other = row("3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a02", "req_1");
  const Json taken = parsed(sync::insert_request(session, other.dump()));
  EXPECT_EQ(taken["outcome"], "correlation_taken");
  EXPECT_EQ(taken["other"], kId);
  other["organization_id"] = "no such";
  EXPECT_EQ(parsed(sync::insert_request(session, other.dump()))["outcome"], "unknown_organization");
  EXPECT_EQ(count("SELECT count(*) FROM content_requests"), 1);
}

TEST_F(RequestReports, CutsTheTopicAndKeepsTheQuestion) {
  sync::Session session = open();
  Json asked = row(kId, "req_1");
  std::string question;
  for (int i = 0; i < 600; ++i) question += "ü";
  asked["topic"] = question;
  asked["request_metadata"]["student_query"] = question;
  EXPECT_EQ(parsed(sync::insert_request(session, asked.dump()))["outcome"], "created");
  EXPECT_EQ(count("SELECT length(topic) FROM content_requests"), 500);
  EXPECT_EQ(count("SELECT length(request_metadata->>'student_query') FROM content_requests"), 600);
}

TEST_F(RequestReports, FindsByBeginningAndByCorrelation) {
  sync::Session session = open();
  ASSERT_TRUE(sync::insert_request(session, row(kId, "req_1").dump()));
  ASSERT_TRUE(sync::insert_request(session, row("3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a02", "req_2").dump()));
  EXPECT_EQ(sync::find_request(session, "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01").value(), kId);
  EXPECT_EQ(sync::find_request(session, "req_1").value(), kId);
  EXPECT_EQ(sync::find_request(session, "3f0c").error().code, ErrorCode::invalid_input);
  EXPECT_EQ(sync::find_request(session, "3f0d").error().code, ErrorCode::not_found);
  EXPECT_EQ(sync::find_request(session, "3f0").error().code, ErrorCode::not_found);
}

TEST_F(RequestReports, ShowsAllThatIsKnown) {
  const std::string id = add_request(with<RequestRow>([](RequestRow& it) { it.metadata = R"({"priority": 7})"; }));
  sql("INSERT INTO request_stages (request_id, stage_name, stage_order, status) VALUES ('" + id +
      "', 'validation', 1, 'completed');"
      "INSERT INTO content_metadata (content_id, request_id, student_id, topic_id, title, status) VALUES ('c', '" +
      id +
      "', 'student', 'newton', 'Newton', 'ready');"
      "INSERT INTO vividd.request_cost (request_id, fence, kind, modality, quantity, unit, unit_price_usd) VALUES ('" +
      id + "', 1, 'script', 'video', 1, 'request', 0.017), ('" + id +
      "', 1, 'gpu_seconds', 'video', 3.217, 'second', 0.0000166667);"
      "INSERT INTO vividd.request_lease (request_id, path, node_id, boot_id, leased_until) VALUES ('" +
      id + "', 'media', 'node-a', gen_random_uuid(), now() - interval '1 s')");
  sync::Session session = open();
  const Json shown = parsed(sync::show_request(session, id));
  EXPECT_EQ(shown["request"]["request_metadata"]["priority"], 7);
  EXPECT_THAT(shown["request"]["created_at"].get<std::string>(), HasSubstr("+00:00"));
  EXPECT_EQ(shown["stages"][0]["name"], "validation");
  EXPECT_EQ(shown["content"][0]["content_id"], "c");
  EXPECT_EQ(shown["costs"].size(), 2);
  EXPECT_EQ(shown["usd"], "0.0170536167739");
  EXPECT_EQ(shown["lease"]["lapsed"], true);
  EXPECT_EQ(sync::show_request(session, kId).error().code, ErrorCode::not_found);
}

TEST_F(RequestReports, CancelsOnlyWhatIsNotFinal) {
  const std::string running = add_request(with<RequestRow>([](RequestRow& it) { it.status = "generating_video"; }));
  const std::string completed = add_request(with<RequestRow>([](RequestRow& it) { it.status = "completed"; }));
  sync::Session session = open();
  EXPECT_EQ(parsed(sync::cancel_request(session, running, "desk"))["outcome"], "cancelled");
  EXPECT_EQ(parsed(sync::cancel_request(session, running, "desk"))["outcome"], "already_final");
  EXPECT_EQ(parsed(sync::cancel_request(session, completed, "desk"))["status"], "completed");
  EXPECT_EQ(value("SELECT string_agg(source_host, ',') FROM request_events WHERE event_type = 'request_cancelled'"),
            "desk");
  EXPECT_EQ(count("SELECT count(*) FROM vividd.metrics_touch WHERE organization_id = 'org'"), 1);
}

TEST_F(RequestReports, RetriesWhatFailedUnlessAHostStillHoldsIt) {
  const std::string failed = add_request(with<RequestRow>([](RequestRow& it) { it.status = "failed"; }));
  sql("UPDATE content_requests SET error_message = 'm', error_stage = 's', error_details = '{}', failed_at = now(),"
      " progress_percentage = 40, retry_count = 2");
  sql("INSERT INTO vividd.request_lease (request_id, path, node_id, boot_id, leased_until) VALUES ('" + failed +
      "', 'media', 'node-a', gen_random_uuid(), now() + interval '1 min')");
  sync::Session session = open();
  const Json held = parsed(sync::retry_request(session, failed, "desk"));
  EXPECT_EQ(held["outcome"], "held");
  EXPECT_EQ(held["holder"], "node-a");
  sql("UPDATE vividd.request_lease SET state = 'finished'");
  EXPECT_EQ(parsed(sync::retry_request(session, failed, "desk"))["retry_count"], 3);
  EXPECT_EQ(value("SELECT concat_ws(' ', status, progress_percentage, error_message, error_stage, error_details,"
                  " failed_at) FROM content_requests"),
            "pending 0");
  EXPECT_EQ(parsed(sync::retry_request(session, failed, "desk"))["outcome"], "not_ended");
  EXPECT_EQ(count("SELECT count(*) FROM request_events WHERE event_type = 'request_retried'"), 1);
}

TEST_F(RequestReports, ListsTheNewestFirstOfAStatus) {
  add_request(with<RequestRow>([](RequestRow& it) {
    it.topic = "old";
    it.created_at = "2026-01-01 10:00:00";
  }));
  add_request(with<RequestRow>([](RequestRow& it) {
    it.topic = "new";
    it.created_at = "2026-01-02 10:00:00";
  }));
  add_request(with<RequestRow>([](RequestRow& it) {
    it.topic = "failed";
    it.status = "failed";
    it.created_at = "2026-01-03 10:00:00";
  }));
  sync::Session session = open();
  const Json pending = parsed(sync::list_requests(session, {"pending"}, 10));
  ASSERT_EQ(pending["requests"].size(), 2);
  EXPECT_EQ(pending["requests"][0]["topic"], "new");
  const Json newest = parsed(sync::list_requests(session, {}, 1));
  ASSERT_EQ(newest["requests"].size(), 1);
  EXPECT_EQ(newest["requests"][0]["topic"], "failed");
}

TEST_F(RequestReports, ADatabaseThatIsNotMigratedIsNamedAsSuch) {
  sql("DROP SCHEMA vividd CASCADE");
  sync::Session session = open();
  const auto shown = sync::show_request(session, kId);
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().code, ErrorCode::unsupported);
  EXPECT_THAT(shown.error().message, HasSubstr("vividctl migrate status"));
}

}  // namespace
}  // namespace vivid::test
