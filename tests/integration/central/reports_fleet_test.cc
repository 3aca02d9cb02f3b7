// The fleet, costs and usage, as the central database has them.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "sync/central/reports/costs.h"
#include "sync/central/reports/fleet.h"
#include "sync/central/reports/usage.h"
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
constexpr std::chrono::seconds kLease{60};

class FleetReports : public CentralTest {
 protected:
  static Json parsed(const Result<std::string>& document) {
    EXPECT_TRUE(document) << document.error().message;
    return document ? Json::parse(*document) : Json::object();
  }
  // One request of this cost, and of this saving if any.
  void spend(const std::string& organization, const std::string& modality, const std::string& day,
             const std::string& usd, const std::string& saved = "") const {
    const std::string head =
        "INSERT INTO vividd.request_cost (request_id, fence, entry, kind, organization_id, modality, quantity, unit,"
        " unit_price_usd, incurred_at) SELECT id, 1, entry, 'script', " +
        (organization.empty() ? std::string("NULL") : "'" + organization + "'") + ", '" + modality +
        "', 1, 'request', price, " + day + " FROM (SELECT gen_random_uuid() AS id) i, (VALUES ('cost', " + usd + ")";
    sql(head + (saved.empty() ? "" : ", ('saving', " + saved + ")") + ") AS v (entry, price)");
  }
};

TEST_F(FleetReports, ShowsHostsLeasesAndWhatWaits) {
  sql("INSERT INTO vividd.node (node_id, host, boot_id, pid, version, capacity, load, draining, last_seen) VALUES"
      " ('a', 'a', gen_random_uuid(), 1, '0.1.0', '{\"render\": 2}', '{\"render\": 1}', false, now()),"
      " ('b', 'b', gen_random_uuid(), 1, '0.1.0', '{}', '{}', true, now()),"
      " ('c', 'c', gen_random_uuid(), 1, '0.1.0', '{}', '{}', true, now() - interval '61 s')");
  for (const char* until : {"now() + interval '1 min'", "now() - interval '1 s'"}) {
    const std::string id = add_request(with<RequestRow>([](RequestRow& it) { it.status = "generating_video"; }));
    sql("INSERT INTO vividd.request_lease (request_id, path, node_id, boot_id, leased_until) VALUES ('" + id +
        "', 'media', 'a', gen_random_uuid(), " + until + ")");
  }
  add_request(with<RequestRow>([](RequestRow& it) { it.created_at = "2026-01-01 10:00:00"; }));
  add_request(with<RequestRow>([](RequestRow& it) { it.modalities = R"(["text"])"; }));
  add_request(with<RequestRow>([](RequestRow& it) { it.modalities = "[]"; }));
  sync::Session session = open();
  const Json fleet = parsed(sync::read_fleet(session, kLease));
  ASSERT_EQ(fleet["nodes"].size(), 3);
  EXPECT_EQ(fleet["nodes"][0]["state"], "alive");
  EXPECT_EQ(fleet["nodes"][0]["load"]["render"], 1);
  EXPECT_EQ(fleet["nodes"][0]["leases"], Json({{"media", 2}, {"text", 0}, {"lapsed", 1}}));
  EXPECT_EQ(fleet["nodes"][1]["state"], "draining");
  EXPECT_EQ(fleet["nodes"][2]["state"], "gone");
  EXPECT_EQ(fleet["leases"]["live"], 1);
  EXPECT_EQ(fleet["leases"]["lapsed"], 1);
  EXPECT_EQ(fleet["waiting"]["media"], 2);
  EXPECT_EQ(fleet["waiting"]["media_oldest"], "2026-01-01T10:00:00+00:00");
  EXPECT_EQ(fleet["waiting"]["text"], 1);
}

TEST_F(FleetReports, TheGateIsOpenOnceRenewalsWereTakenForALease) {
  sync::Session session = open();
  const auto gate = [&](std::chrono::seconds lease) { return parsed(sync::read_fleet(session, lease))["gate"]; };
  sql("UPDATE vividd.renewal_gate SET accepting_since = now() - interval '30 s', last_renewal_at = now()");
  EXPECT_EQ(gate(kLease)["open"], false);
  EXPECT_EQ(gate(kLease)["silent"], false);
  sql("UPDATE vividd.renewal_gate SET accepting_since = '2026-01-01', last_renewal_at = now() - interval '61 s'");
  EXPECT_EQ(gate(kLease)["silent"], true);
  EXPECT_EQ(gate(kLease)["open"], false);
}

TEST_F(FleetReports, CostsAreSummedExactlyByWhatIsAsked) {
  spend("org", "video", "'2026-11-01 23:59:59+00'", "0.1");
  spend("org", "video", "'2026-11-01 10:00:00+00'", "0.2");
  spend("org", "text", "'2026-11-02 00:00:00+00'", "0.017", "0.183");
  spend("", "text", "'2026-11-03 23:59:59.999+00'", "0.0000000000001", "0.183");
  spend("org", "video", "'2026-11-04 00:00:00+00'", "5");
  sync::Session session = open();
  const Json report = parsed(sync::cost_report(session, {"2026-11-01", "2026-11-03", {"organization", "modality"}}));
  ASSERT_EQ(report["rows"].size(), 3);
  EXPECT_EQ(report["rows"][1]["organization_id"], "org");
  EXPECT_EQ(report["rows"][1]["modality"], "video");
  EXPECT_EQ(report["rows"][1]["requests"], 2);
  EXPECT_EQ(report["rows"][1]["usd"], "0.3");
  EXPECT_EQ(report["rows"][2]["organization_id"], Json());
  EXPECT_EQ(report["total"], Json({{"requests", 4}, {"usd", "0.3170000000001"}, {"saved_usd", "0.366"}}));
  const Json by_day = parsed(sync::cost_report(session, {"2026-11-01", "2026-11-04", {"day"}}));
  ASSERT_EQ(by_day["rows"].size(), 4);
  EXPECT_EQ(by_day["rows"][0]["day"], "2026-11-01");
  EXPECT_EQ(by_day["rows"][0]["requests"], 2);
  const Json none = parsed(sync::cost_report(session, {"2025-01-01", "2025-01-02", {"day"}}));
  EXPECT_EQ(none["rows"].size(), 0);
  EXPECT_EQ(none["total"]["usd"], "0");
}

TEST_F(FleetReports, HistoryTellsTextAloneFromTheRest) {
  spend("org", "text", "now()", "0.017", "0.183");
  spend("org", "video", "now()", "0.20");
  spend("org", "text", "now()", "0.22");
  spend("org", "video", "now() - interval '31 days'", "9");
  sync::Session session = open();
  const Json history = parsed(sync::cost_history(session, 30));
  EXPECT_EQ(history["days"], 30);
  EXPECT_EQ(history["text"], Json({{"requests", 1}, {"usd", "0.017000"}}));
  EXPECT_EQ(history["video"], Json({{"requests", 2}, {"usd", "0.210000"}}));
}

TEST_F(FleetReports, UsageCountsAnswersByMonthAndWhoAsked) {
  sql("INSERT INTO vividd.request_usage (request_id, modality, student_id, organization_id, month)"
      " SELECT id, m, 's' || i, CASE WHEN i < 3 THEN 'org' END, '2026-11-01'"
      " FROM (SELECT i, gen_random_uuid() AS id FROM generate_series(1, 3) i) r, unnest(ARRAY['text', 'video']) m;"
      "INSERT INTO vividd.request_usage (request_id, modality, student_id, organization_id, month)"
      " VALUES (gen_random_uuid(), 'audio', 's1', 'org', '2026-10-01')");
  sync::Session session = open();
  const Json all = parsed(sync::read_usage(session, with<sync::UsageQuestion>([](sync::UsageQuestion& it) {
                                             it.by = {"month", "organization"};
                                           })));
  ASSERT_EQ(all["rows"].size(), 3);
  EXPECT_EQ(all["rows"][0]["month"], "2026-11");
  EXPECT_EQ(all["rows"][0]["organization_id"], "org");
  EXPECT_EQ(all["rows"][0]["requests"], 2);
  EXPECT_EQ(all["rows"][0]["video"], 2);
  EXPECT_EQ(all["rows"][2]["month"], "2026-10");
  EXPECT_EQ(all["total"]["requests"], 4);
  const Json month = parsed(sync::read_usage(session, with<sync::UsageQuestion>([](sync::UsageQuestion& it) {
                                               it.month = "2026-11";
                                               it.by = {"student"};
                                               it.limit = 1;
                                             })));
  EXPECT_EQ(month["rows"].size(), 1);
  EXPECT_EQ(month["more"], 2);
  EXPECT_EQ(month["total"]["text"], 3);
  const Json student = parsed(sync::read_usage(session, with<sync::UsageQuestion>([](sync::UsageQuestion& it) {
                                                 it.student_id = "s1";
                                                 it.by = {"month"};
                                               })));
  EXPECT_EQ(student["rows"].size(), 2);
  EXPECT_EQ(parsed(sync::read_usage(session, with<sync::UsageQuestion>([](sync::UsageQuestion& it) {
                                      it.organization_id = "none";
                                      it.by = {};
                                    })))["total"]["requests"],
            0);
}

}  // namespace
}  // namespace vivid::test
