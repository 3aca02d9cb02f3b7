#include "tests/fault/central/fleet_fixture.h"

#include <unistd.h>

#include <cstdlib>
#include <set>
#include <thread>

namespace vivid::test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// One row for each thing that must not be. The requests are those of the test alone, all of them over.
constexpr const char* kAudit = R"sql(
SELECT 'not over: ' || r.id || ' is ' || r.status
  FROM content_requests r WHERE r.status NOT IN ('completed', 'failed', 'cancelled')
UNION ALL
SELECT 'completed with ' || count(c.content_id) || ' results: ' || r.id
  FROM content_requests r LEFT JOIN content_metadata c ON c.request_id = r.id::text
 WHERE r.status = 'completed' GROUP BY r.id HAVING count(c.content_id) <> 1
UNION ALL
SELECT 'a result without a completed request: ' || c.content_id
  FROM content_metadata c LEFT JOIN content_requests r ON r.id::text = c.request_id
 WHERE r.status IS DISTINCT FROM 'completed'
UNION ALL
SELECT 'completed at ' || COALESCE(r.progress_percentage::text, 'no') || ' per cent: ' || r.id
  FROM content_requests r WHERE r.status = 'completed' AND r.progress_percentage IS DISTINCT FROM 100
UNION ALL
SELECT 'completed without a time: ' || r.id
  FROM content_requests r WHERE r.status = 'completed' AND (r.completed_at IS NULL OR r.started_at IS NULL)
UNION ALL
SELECT 'failed without a reason: ' || r.id
  FROM content_requests r WHERE r.status = 'failed' AND (r.error_message IS NULL OR r.error_stage IS NULL)
UNION ALL
SELECT 'over, and its lease is ' || l.state || ': ' || r.id
  FROM content_requests r JOIN vividd.request_lease l ON l.request_id = r.id
 WHERE r.status IN ('completed', 'failed') AND l.state NOT IN ('finished', 'buried')
UNION ALL
SELECT 'became completed ' || count(*) || ' times: ' || e.request_id
  FROM request_events e WHERE e.event_type = 'status_change' AND e.event_data ->> 'new_status' = 'completed'
 GROUP BY e.request_id HAVING count(*) > 1
UNION ALL
SELECT count(d.request_id) || ' finals applied: ' || r.id
  FROM content_requests r LEFT JOIN vividd.applied_delivery d ON d.request_id = r.id AND d.kind = 'final'
 WHERE r.status = 'completed' GROUP BY r.id HAVING count(d.request_id) <> 1
UNION ALL
SELECT 'stage ' || s.stage_name || ' of a completed request is ' || s.status || ': ' || r.id
  FROM content_requests r JOIN request_stages s ON s.request_id = r.id
 WHERE r.status = 'completed' AND s.status NOT IN ('completed', 'skipped')
   AND s.stage_name <> 'notification'
UNION ALL
SELECT 'used as ' || string_agg(u.modality, ',' ORDER BY u.modality) || ': ' || r.id
  FROM content_requests r LEFT JOIN vividd.request_usage u ON u.request_id = r.id
 WHERE r.status = 'completed' GROUP BY r.id HAVING count(u.modality) = 0
UNION ALL
SELECT 'paid for by ' || count(DISTINCT k.fence) || ' finals: ' || r.id
  FROM content_requests r
  LEFT JOIN vividd.request_cost k ON k.request_id = r.id AND k.entry = 'cost' AND k.kind = 'script'
 WHERE r.status = 'completed' GROUP BY r.id HAVING count(DISTINCT k.fence) > 1
UNION ALL
SELECT 'the hour ' || m.time_bucket || ' counts ' || m.successful_requests || ' of '
       || (SELECT count(*) FROM content_requests r WHERE r.status = 'completed'
              AND date_trunc('hour', r.created_at) = m.time_bucket
              AND r.organization_id IS NOT DISTINCT FROM m.organization_id)
  FROM request_metrics m
 WHERE m.successful_requests <> (SELECT count(*) FROM content_requests r WHERE r.status = 'completed'
              AND date_trunc('hour', r.created_at) = m.time_bucket
              AND r.organization_id IS NOT DISTINCT FROM m.organization_id)
)sql";

// What the object store holds must be what the database names, once each.
std::vector<std::string> audit_objects(const fs::path& objects, const std::set<std::string>& named) {
  std::vector<std::string> findings;
  const fs::path requests = objects / "vivid-media" / "requests";
  std::error_code error;
  for (const auto& request : fs::directory_iterator(requests, error)) {
    std::vector<std::string> fences;
    for (const auto& fence : fs::directory_iterator(request.path())) fences.push_back(fence.path().filename().string());
    const std::string id = request.path().filename().string();
    if (fences.size() > 1) findings.push_back("artefacts of " + std::to_string(fences.size()) + " claims: " + id);
    if (!named.contains(id) && !fences.empty()) findings.push_back("artefacts that nothing names: " + id);
  }
  return findings;
}

}  // namespace

int setting(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoi(value);
}

void FleetTest::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "hosts of their own need root, for their network and host names";
  ASSERT_NO_FATAL_FAILURE(CentralTest::SetUp());
  if (IsSkipped()) return;
}

void FleetTest::TearDown() {
  hosts_.clear();
  CentralTest::TearDown();
}

e2e::DaemonProcess& FleetTest::add_host(const std::string& name, const std::string& database_url) {
  auto& daemon = hosts_[name] = std::make_unique<e2e::DaemonProcess>();
  daemon->isolate(name);
  const std::map<std::string, std::string> settings{{"HOST_NAME", name},
                                                    {"STORAGE_DIRECTORY", objects_.string()},
                                                    {"CENTRAL_DATABASE", database_url.empty() ? url() : database_url},
                                                    {"CENTRAL_LEASE", "6s"},
                                                    {"CENTRAL_RENEW_INTERVAL", "1s"},
                                                    {"CENTRAL_STATEMENT_TIMEOUT", "4s"},
                                                    {"CENTRAL_POLL_MINIMUM", "300ms"},
                                                    {"CENTRAL_POLL_MAXIMUM", "900ms"},
                                                    {"CENTRAL_MAX_CRASHES", "100"},
                                                    {"QUEUE_MAX_CRASHES", "100"},
                                                    {"RENDER_FRAMES_PER_SECOND", "10"}};
  for (const auto& [key, value] : settings) daemon->set("VIVIDD_" + key, value);
  return *daemon;
}

std::string FleetTest::add_media_request(const json& script, const std::string& modalities) {
  RequestRow row;
  row.modalities = modalities;
  row.metadata = json{{"script", script}, {"student_query", "Explain forces"}}.dump();
  return add_request(row);
}

std::string FleetTest::add_text_request() {
  RequestRow row;
  row.modalities = R"(["text"])";
  row.preferred = "text";
  return add_request(row);
}

std::string FleetTest::status_of(const std::string& request_id) const {
  return value("SELECT status FROM content_requests WHERE id = '" + request_id + "'");
}

std::string FleetTest::holder_of(const std::string& request_id) const {
  return value("SELECT node_id FROM vividd.request_lease WHERE state = 'leased' AND request_id = '" + request_id + "'");
}

bool FleetTest::wait_for(const std::string& query, const std::string& wanted, std::chrono::seconds limit) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::string seen;
  while (std::chrono::steady_clock::now() < end) {
    seen = value(query);
    if (seen == wanted) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ADD_FAILURE() << query << " gave " << seen << ", wanted " << wanted;
  return false;
}

bool FleetTest::wait_until_all_over(std::chrono::seconds limit) const {
  return wait_for("SELECT count(*) FROM content_requests WHERE status NOT IN ('completed', 'failed', 'cancelled')", "0",
                  limit);
}

std::vector<std::string> FleetTest::audit() const {
  sync::Session session = open();
  std::vector<std::string> findings;
  const auto rows = session.run(kAudit);
  if (!rows) return {rows.error().message};
  for (const auto& row : *rows) findings.push_back(row.front().value_or("a finding without words"));
  const auto completed = session.run("SELECT id FROM content_requests WHERE status = 'completed'");
  if (!completed) return {completed.error().message};
  std::set<std::string> named;
  for (const auto& row : *completed) named.insert(row.front().value_or(""));
  for (std::string& finding : audit_objects(objects_, named)) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace vivid::test
