// The metrics, which a link keeps right without letting anything wait for them.
#include <gtest/gtest.h>

#include "tests/integration/central/central_fixture.h"
#include "tests/integration/central/link_host.h"

namespace vivid::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using sync::CentralLink;
using sync::LinkOptions;

class LinkMetrics : public CentralTest {};

TEST_F(LinkMetrics, AreRecomputedWhileTheLinkRuns) {
  add_request();
  MemoryHost host;
  host.finishes_at_once = true;
  CentralLink link(quick_options(url(), node()), host, system_clock());
  link.start();
  EXPECT_TRUE(host.wait_until([&] {
    return value("SELECT total_requests || ' ' || successful_requests FROM request_metrics") == "1 1" &&
           value("SELECT count(*) FROM vividd.metrics_touch") == "0";
  }));
}

TEST_F(LinkMetrics, HoldUpNeitherCancellationNorRenewal) {
  sql("DROP TRIGGER vividd_hint_cancelled ON content_requests");
  const std::string id = add_request();
  MemoryHost host;
  CentralLink link(quick_options(url(), node()), host, system_clock());
  sync::Session other = open();
  ASSERT_TRUE(other.run("SET idle_in_transaction_session_timeout = 0"));
  auto transaction = sync::Transaction::begin(other);
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(other.run("LOCK TABLE request_metrics IN ACCESS EXCLUSIVE MODE"));
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return host.accepted().contains(id); }));
  ASSERT_TRUE(host.wait_until([&] {
    return value(
               "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'vividd %' AND datname ="
               " current_database() AND wait_event_type = 'Lock'") == "1";
  }));
  sql("UPDATE content_requests SET status = 'cancelled'");
  EXPECT_TRUE(host.wait_until([&] { return host.cancelled().contains(id); }));
  const auto renewed = link.state().last_renewal;
  EXPECT_TRUE(host.wait_until([&] { return link.state().last_renewal != renewed; }));
}

TEST_F(LinkMetrics, AreShownToFailAndRecover) {
  sql("ALTER TABLE request_metrics RENAME TO elsewhere");
  add_request();
  MemoryHost host;
  CentralLink link(quick_options(url(), node()), host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return link.state().last_error.find("request_metrics") != std::string::npos; }));
  sql("ALTER TABLE elsewhere RENAME TO request_metrics");
  EXPECT_TRUE(host.wait_until([&] { return link.state().last_error.empty(); }));
  EXPECT_TRUE(host.wait_until([&] { return value("SELECT total_requests FROM request_metrics") == "1"; }));
}

}  // namespace
}  // namespace vivid::test
