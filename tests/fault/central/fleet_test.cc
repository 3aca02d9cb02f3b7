// What a fleet promises when hosts die, sleep or lose the database.
#include "tests/fault/central/fleet_fixture.h"

#include <signal.h>

#include <thread>

#include "base/uuid.h"
#include "tests/support/dropping_proxy.h"

namespace vivid::test {
namespace {

using std::chrono::seconds;
constexpr seconds kPatience{120};

TEST_F(FleetTest, RequestOfEachPathIsAnsweredFromTheDatabase) {
  add_host("host-a").start();
  const std::string video = add_media_request(e2e::short_script());
  const std::string text = add_text_request();
  ASSERT_TRUE(wait_until_all_over(kPatience));
  EXPECT_EQ(status_of(video), "completed");
  EXPECT_EQ(status_of(text), "completed");
  wait_for("SELECT count(*) FROM vividd.metrics_touch", "0", seconds(60));
  EXPECT_EQ(audit(), std::vector<std::string>{});
}

TEST_F(FleetTest, AnotherHostFinishesWhatAKilledOneBegan) {
  add_host("host-a").render_at(e2e::Pace::minutes);
  host("host-a").start();
  const std::string request = add_media_request(e2e::long_script());
  ASSERT_NE(host("host-a").wait_for_stage(request, "video_generation"), 0);
  sql("UPDATE content_requests SET request_metadata = jsonb_set(request_metadata, '{script}', '" +
      e2e::short_script().dump() + "') WHERE id = '" + request + "'");
  open_gate();
  add_host("host-b").start();
  host("host-a").kill_now();
  ASSERT_TRUE(wait_until_all_over(kPatience));
  EXPECT_EQ(value("SELECT node_id FROM vividd.request_lease WHERE request_id = '" + request + "'"), "host-b");
  EXPECT_EQ(value("SELECT crashes FROM vividd.request_lease WHERE request_id = '" + request + "'"), "1");
  // The host that died comes back, is told, and takes nothing back.
  host("host-a").start();
  EXPECT_EQ(host("host-a").wait_for_end(request)["state"], "cancelled");
  wait_for("SELECT count(*) FROM vividd.metrics_touch", "0", seconds(60));
  EXPECT_EQ(audit(), std::vector<std::string>{});
}

TEST_F(FleetTest, HostThatSleptPastItsLeaseIsRefused) {
  add_host("host-a").render_at(e2e::Pace::minutes);
  host("host-a").start();
  const std::string request = add_media_request(e2e::long_script());
  ASSERT_NE(host("host-a").wait_for_stage(request, "video_generation"), 0);
  ::kill(host("host-a").pid(), SIGSTOP);
  // Long enough to be caught at; the other host need not take as long.
  sql("UPDATE content_requests SET request_metadata = jsonb_set(request_metadata, '{script}', '" +
      e2e::short_script().dump() + "') WHERE id = '" + request + "'");
  add_host("host-b").start();
  open_gate();
  lapse(request);
  ASSERT_TRUE(
      wait_for("SELECT node_id FROM vividd.request_lease WHERE request_id = '" + request + "'", "host-b", seconds(60)));
  ::kill(host("host-a").pid(), SIGCONT);
  ASSERT_TRUE(wait_until_all_over(kPatience));
  EXPECT_EQ(host("host-a").wait_for_end(request)["state"], "cancelled");
  EXPECT_EQ(value("SELECT node_id FROM vividd.request_lease WHERE request_id = '" + request + "'"), "host-b");
  wait_for("SELECT count(*) FROM vividd.metrics_touch", "0", seconds(60));
  EXPECT_EQ(audit(), std::vector<std::string>{});
}

TEST_F(FleetTest, CancellationInTheDatabaseStopsARunningJob) {
  add_host("host-a").render_at(e2e::Pace::minutes);
  host("host-a").start();
  const std::string request = add_media_request(e2e::long_script());
  const pid_t worker = host("host-a").wait_for_stage(request, "video_generation");
  ASSERT_NE(worker, 0);
  sql("UPDATE content_requests SET status = 'cancelled' WHERE id = '" + request + "'");
  const auto told = std::chrono::steady_clock::now();
  while (::kill(worker, 0) == 0 && std::chrono::steady_clock::now() - told < seconds(60)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - told;
  EXPECT_NE(::kill(worker, 0), 0);
  RecordProperty("seconds", std::to_string(took.count()));
  EXPECT_EQ(host("host-a").wait_for_end(request)["state"], "cancelled");
  ASSERT_TRUE(
      wait_for("SELECT state FROM vividd.request_lease WHERE request_id = '" + request + "'", "finished", seconds(60)));
  EXPECT_EQ(audit(), std::vector<std::string>{});
}

// Ten minutes with VIVID_FLEET_OUTAGE_SECONDS=600.
TEST_F(FleetTest, HostsRenderOnWhileTheDatabaseIsAway) {
  add_host("host-a").start();
  add_host("host-b").start();
  constexpr int kRequests = 12;
  for (int i = 0; i < kRequests; ++i) {
    add_media_request(e2e::short_script());
    add_text_request();
  }
  ASSERT_TRUE(wait_for("SELECT count(*) > 0 FROM vividd.request_lease WHERE state = 'leased' AND path = 'media'", "t",
                       kPatience));
  ASSERT_TRUE(server().stop(SIGQUIT));
  std::this_thread::sleep_for(seconds(setting("VIVID_FLEET_OUTAGE_SECONDS", 8)));
  ASSERT_TRUE(server().start_again());
  ASSERT_TRUE(wait_until_all_over(kPatience));
  EXPECT_EQ(value("SELECT count(*) FROM content_requests WHERE status = 'completed'"), std::to_string(2 * kRequests));
  // Every lease looked expired at once, and nobody took another's.
  EXPECT_EQ(value("SELECT sum(crashes) FROM vividd.request_lease"), "0");
  wait_for("SELECT count(*) FROM vividd.metrics_touch", "0", seconds(60));
  EXPECT_EQ(audit(), std::vector<std::string>{});
}

TEST_F(FleetTest, LostAnswersLoseAndDoubleNothing) {
  const auto proxy = DroppingProxy::start(server().folder(), objects_, 20261121);
  ASSERT_TRUE(proxy) << proxy.error().message;
  const std::string through = "host=" + objects_.string() + " user=postgres dbname=" + database_;
  add_host("host-a", through).start();
  add_host("host-b", through).start();
  (*proxy)->set_share(0.2);
  const int requests = setting("VIVID_FLEET_PROXY_REQUESTS", 20);
  for (int i = 0; i < requests; ++i) {
    add_media_request(e2e::short_script());
    add_text_request();
  }
  ASSERT_TRUE(wait_until_all_over(kPatience * 2));
  EXPECT_GT((*proxy)->dropped(), 0);
  (*proxy)->set_share(0.0);
  EXPECT_EQ(value("SELECT count(*) FROM content_requests WHERE status = 'completed'"), std::to_string(2 * requests));
  wait_for("SELECT count(*) FROM vividd.metrics_touch", "0", seconds(60));
  EXPECT_EQ(audit(), std::vector<std::string>{});
  RecordProperty("answers_dropped", static_cast<int>((*proxy)->dropped()));
}

}  // namespace
}  // namespace vivid::test
