#include "tests/integration/central/results_fixture.h"

#include "base/files.h"

namespace vivid::test {

ResultsTest::Held ResultsTest::hold(const RequestRow& row, const std::string& host) const {
  Held held;
  held.id = add_request(row);
  sql("UPDATE content_requests SET status = 'validating', started_at = created_at WHERE id = '" + held.id + "'");
  held.fence = std::stoll(
      value("INSERT INTO vividd.request_lease (request_id, node_id, boot_id, path, leased_until) VALUES ('" + held.id +
            "', '" + host + "', gen_random_uuid(), 'media', now() + interval '1 minute') RETURNING fence"));
  return held;
}

ResultsTest::Held ResultsTest::taken_over(const Held& held, const std::string& host) const {
  return {held.id, std::stoll(value("UPDATE vividd.request_lease SET fence = vividd.next_fence(), crashes = crashes "
                                    "+ 1, node_id = '" +
                                    host + "' WHERE request_id = '" + held.id + "' RETURNING fence"))};
}

Delivery ResultsTest::delivery(const Held& held, const std::string& kind, const json& body, const std::string& stage,
                               int attempt) {
  Delivery made;
  made.request_id = held.id;
  made.fence = held.fence;
  made.kind = kind;
  made.stage = stage;
  made.attempt = attempt;
  made.body = body.dump();
  return made;
}

Delivery ResultsTest::accepted(const Held& held) {
  const auto stage = [](const char* name, int order, const char* status) {
    return json{{"name", name}, {"order", order}, {"status", status}, {"max_retries", 3}};
  };
  return delivery(held, "accepted",
                  {{"stages",
                    {stage("validation", 1, "pending"), stage("audio_synthesis", 4, "skipped"),
                     stage("video_generation", 4, "pending"), stage("notification", 6, "pending")}},
                   {"at_us", 1}});
}

Delivery ResultsTest::stage(const Held& held, const std::string& name, const std::string& request_status, int attempt,
                            const std::string& status) {
  return delivery(held, "stage",
                  {{"status", status},
                   {"attempt", attempt},
                   {"started_at_us", 1'700'000'000 * kSecond},
                   {"finished_at_us", 1'700'000'002 * kSecond + 500'000},
                   {"output", {{"frames", 90}}},
                   {"request_status", request_status}},
                  name, attempt);
}

json ResultsTest::completed_body() {
  return {{"status", "completed"},
          {"at_us", 4'000'000'000 * kSecond},
          {"content",
           {{"title", "Newton's laws"},
            {"topic_id", "newton"},
            {"modality_type", "video"},
            {"video_url", "gs://bucket/v.mp4"},
            {"script_text", "Every body perseveres"},
            {"supported_formats", {"video", "audio"}}}},
          {"costs",
           {{{"entry", "cost"},
             {"kind", "gpu_seconds"},
             {"stage", "video_generation"},
             {"modality", "video"},
             {"quantity", 10},
             {"unit", "second"},
             {"unit_price_usd", 0.001}}}},
          {"usage", {"video"}}};
}

json ResultsTest::failed_body() {
  return {{"status", "failed"},
          {"at_us", 4'000'000'000 * kSecond},
          {"error",
           {{"code", "invalid_input"},
            {"message", "sections[0].title is missing"},
            {"stage", "validation"},
            {"details", {{"field", "sections[0].title"}}}}}};
}

std::vector<Settled> ResultsTest::settle(sync::Session& session, const std::vector<Delivery>& deliveries) const {
  auto settled = sync::deliver(session, node(), deliveries);
  if (!settled) {
    ADD_FAILURE() << settled.error().message;
    return {};
  }
  return std::move(*settled);
}

std::vector<Verdict> ResultsTest::deliver(const std::vector<Delivery>& deliveries) const {
  sync::Session session = open();
  std::vector<Verdict> verdicts;
  for (const Settled& one : settle(session, deliveries)) {
    EXPECT_TRUE(one.error.empty() || one.verdict == Verdict::quarantined) << one.error;
    verdicts.push_back(one.verdict);
  }
  return verdicts;
}

std::string ResultsTest::dump() const {
  std::string all;
  for (const char* table : {"content_requests", "request_stages", "request_events", "content_metadata",
                            "request_metrics", "vividd.request_lease", "vividd.applied_delivery", "vividd.request_cost",
                            "vividd.request_usage", "vividd.metrics_touch"}) {
    all += std::string(table) + "\n" +
           value(std::string("SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM ") + table + " t") + "\n";
  }
  return all;
}

std::string ResultsTest::audit() const {
  const auto query = read_file(std::string(VIVID_SOURCE_DIR) + "/docs/audit.sql", 1 << 20);
  if (!query) return query.error().message;
  const auto rows = open().run(*query);
  if (!rows) return rows.error().message;
  std::string found;
  for (const sync::SqlRow& row : *rows) {
    for (const sync::SqlText& cell : row) found += cell.value_or("-") + " | ";
    found += "\n";
  }
  return found;
}

}  // namespace vivid::test
