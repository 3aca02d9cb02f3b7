// request_metrics, recomputed from the requests.
#include <thread>

#include "sync/central/results/metrics_rollup.h"
#include "tests/integration/central/results_fixture.h"

namespace vivid::test {
namespace {

class ResultsMetrics : public ResultsTest {
 protected:
  int roll_up(int limit = 100) {
    sync::Session session = open();
    const auto rows = sync::roll_up_metrics(session, limit);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows.value_or(-1);
  }
  std::string metric(const std::string& columns, const std::string& organization = "= 'org'") {
    return value("SELECT " + columns + " FROM request_metrics WHERE organization_id " + organization);
  }
  static RequestRow at(const std::string& time, const std::string& organization = "org") {
    RequestRow row;
    row.created_at = time;
    row.organization_id = organization;
    return row;
  }
  static json completed_after(int seconds) {
    json body = completed_body();
    body["at_us"] = (1'767'261'600 + seconds) * kSecond;  // 2026-01-01 10:00
    return body;
  }
};

TEST_F(ResultsMetrics, CountsAnHourOfAnOrganization) {
  const RequestRow ten = at("2026-01-01 10:00:00");
  const Held first = hold(ten);
  const Held second = hold(ten);
  RequestRow texts = ten;
  texts.modalities = "[\"text\", \"images\"]";
  texts.preferred = "text";
  const Held third = hold(texts);
  hold(ten);                        // still running
  hold(at("2026-01-01 11:00:00"));  // of another hour, which nobody has touched
  deliver({accepted(first), stage(first, "validation", "validating"), stage(first, "video_generation", "validating"),
           delivery(first, "final", completed_after(60)), delivery(second, "final", failed_body()),
           delivery(third, "final", completed_after(30))});
  EXPECT_EQ(roll_up(), 1);
  EXPECT_EQ(value("SELECT count(*) FROM request_metrics"), "1");
  EXPECT_EQ(metric("time_bucket || ' ' || total_requests || successful_requests || failed_requests || "
                   "cancelled_requests"),
            "2026-01-01 10:00:00 4210");
  EXPECT_EQ(metric("avg_total_duration || ' ' || avg_validation_duration || ' ' || avg_video_duration"),
            "45.00 2.50 2.50");
  EXPECT_EQ(metric("validation_errors + 10 * script_errors + 100 * video_errors + 1000 * upload_errors"), "1");
  EXPECT_EQ(metric("text_request_count || ' ' || audio_request_count || ' ' || video_request_count || ' ' || "
                   "image_request_count"),
            "1 0 3 1");
  EXPECT_EQ(metric("avg_text_duration_seconds || ' ' || avg_video_duration_seconds"), "30.00 60.00");
}

TEST_F(ResultsMetrics, RequestsOfNoOrganizationHaveOneRow) {
  for (int i = 1; i <= 3; ++i) {
    const Held held = hold(at("2026-01-01 10:00:00", ""));
    deliver({completed(held)});
    EXPECT_EQ(roll_up(), 1);
    EXPECT_EQ(value("SELECT count(*) FROM request_metrics"), "1");
    EXPECT_EQ(metric("total_requests || ' ' || successful_requests", "IS NULL"),
              std::to_string(i) + " " + std::to_string(i));
  }
}

TEST_F(ResultsMetrics, AnEmptyNameIsNoMissingOne) {
  sql("INSERT INTO organizations (organization_id, name) VALUES ('', 'Nameless')");
  const Held none = hold(at("2026-01-01 10:00:00", ""));
  const Held nameless = hold(at("2026-01-01 10:00:00", ""));
  sql("UPDATE content_requests SET organization_id = '' WHERE id = '" + nameless.id + "'");
  deliver({completed(none), completed(nameless)});
  EXPECT_EQ(roll_up(), 2);
  EXPECT_EQ(metric("total_requests", "= ''"), "1");
  EXPECT_EQ(metric("total_requests", "IS NULL"), "1");
}

TEST_F(ResultsMetrics, AgainChangesNothing) {
  deliver({completed(hold(at("2026-01-01 10:00:00")))});
  EXPECT_EQ(roll_up(), 1);
  EXPECT_EQ(roll_up(), 0);
  const std::string before = value("SELECT xmin || ' ' || m::text FROM request_metrics m");
  sql("INSERT INTO vividd.metrics_touch (time_bucket, organization_id) VALUES ('2026-01-01 10:00', 'org')");
  EXPECT_EQ(roll_up(), 1);
  EXPECT_EQ(value("SELECT xmin || ' ' || m::text FROM request_metrics m"), before);
}

TEST_F(ResultsMetrics, WhatThePlatformCountsIsKept) {
  sql("INSERT INTO request_metrics (time_bucket, organization_id, total_requests, circuit_breaker_open_count)"
      " VALUES ('2026-01-01 10:00', 'org', 77, 5)");
  deliver({completed(hold(at("2026-01-01 10:59:59.999")))});
  EXPECT_EQ(roll_up(), 1);
  EXPECT_EQ(metric("total_requests || ' ' || circuit_breaker_open_count"), "1 5");
}

TEST_F(ResultsMetrics, TakesTheOldestFirstWithinItsLimit) {
  deliver({completed(hold(at("2026-01-01 11:00:00")))});
  deliver({completed(hold(at("2026-01-01 10:00:00")))});
  EXPECT_EQ(roll_up(1), 1);
  EXPECT_EQ(metric("time_bucket"), "2026-01-01 11:00:00");
  EXPECT_EQ(roll_up(1), 1);
  EXPECT_EQ(roll_up(1), 0);
  EXPECT_EQ(value("SELECT count(*) FROM request_metrics"), "2");
}

TEST_F(ResultsMetrics, AnHourWhoseRequestsAreGoneIsZero) {
  deliver({completed(hold(at("2026-01-01 10:00:00")))});
  roll_up();
  sql("DELETE FROM content_requests;"
      "INSERT INTO vividd.metrics_touch (time_bucket, organization_id) VALUES ('2026-01-01 10:00', 'org')");
  EXPECT_EQ(roll_up(), 1);
  EXPECT_EQ(metric("total_requests || ' ' || video_request_count || ' ' || (avg_total_duration IS NULL)"), "0 0 true");
}

TEST_F(ResultsMetrics, NoTimeOfARequestKeepsTheOthersFromBeingCounted) {
  deliver({completed(hold(at("2026-01-01 10:00:00")))});
  for (const char* time : {"'1990-01-01'", "'-infinity'"}) {
    const Held odd = hold(at("2026-01-01 10:00:00"));
    deliver({completed(odd)});
    sql("UPDATE content_requests SET started_at = " + std::string(time) + " WHERE id = '" + odd.id + "'");
  }
  EXPECT_EQ(roll_up(), 1);
  EXPECT_EQ(metric("successful_requests"), "3");
}

TEST_F(ResultsMetrics, DoesNotWaitForAnotherHost) {
  deliver({completed(hold(at("2026-01-01 10:00:00")))});
  sync::Session other = open();
  auto transaction = sync::Transaction::begin(other);
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(other.run("SELECT pg_advisory_xact_lock(8532473206311940979)"));
  EXPECT_EQ(roll_up(), 0);
  EXPECT_EQ(value("SELECT count(*) > 0 FROM vividd.metrics_touch"), "t");
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ(roll_up(), 1);
}

TEST_F(ResultsMetrics, ManyAtOnceLeaveTheTruth) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 5; ++k) {
        deliver({completed(hold(at("2026-01-01 10:00:00", i % 2 == 0 ? "" : "org")))});
        roll_up();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  roll_up();
  EXPECT_EQ(value("SELECT count(*) FROM request_metrics"), "2");
  EXPECT_EQ(value("SELECT sum(successful_requests) FROM request_metrics"), "20");
  EXPECT_EQ(value("SELECT count(*) FROM vividd.metrics_touch"), "0");
}

}  // namespace
}  // namespace vivid::test
