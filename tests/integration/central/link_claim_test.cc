// What a link claims, when, and what it does with what its host cannot take or has lost.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/integration/central/central_fixture.h"
#include "tests/integration/central/link_host.h"

namespace vivid::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using sync::CentralLink;
using sync::LinkOptions;
using sync::Verdict;

class LinkClaim : public CentralTest {
 protected:
  void add_requests(int how_many) const {
    sql("INSERT INTO content_requests (correlation_id, topic, student_id)"
        " SELECT gen_random_uuid()::text, 'Topic ' || i, 'student' FROM generate_series(1, " +
        std::to_string(how_many) + ") AS i");
  }
};

TEST_F(LinkClaim, SharesRequestsBetweenTwoHostsEachTakenOnce) {
  add_requests(500);
  MemoryHost hosts[2];
  for (MemoryHost& host : hosts) host.finishes_at_once = true;
  LinkOptions options[2] = {quick_options(url(), node("node-a", 100)), quick_options(url(), node("node-b", 200))};
  options[1].seed = 2;
  CentralLink a(options[0], hosts[0], system_clock());
  CentralLink b(options[1], hosts[1], system_clock());
  hosts[0].on_change = [&a] { a.wake(); };
  hosts[1].on_change = [&b] { b.wake(); };
  a.start();
  b.start();
  ASSERT_TRUE(hosts[0].wait_until(
      [&] { return count("SELECT count(*) FROM content_requests WHERE status = 'completed'") == 500; }, seconds(60)));
  a.stop();
  b.stop();

  std::map<std::string, int> taken = hosts[0].accepted();
  EXPECT_GT(taken.size(), 50u);
  EXPECT_LT(taken.size(), 450u);
  for (const auto& [id, times] : hosts[1].accepted()) taken[id] += times;
  EXPECT_EQ(taken.size(), 500u);
  for (const auto& [id, times] : taken) EXPECT_EQ(times, 1) << id;
  EXPECT_EQ(count("SELECT count(*) FROM content_metadata"), 500);
  EXPECT_EQ(count("SELECT count(*) FROM vividd.request_lease WHERE state <> 'finished'"), 0);
  EXPECT_EQ(a.state().claimed + b.state().claimed, 500);
  EXPECT_EQ(a.state().delivered[0] + b.state().delivered[0], 500);
}

TEST_F(LinkClaim, HearsOfANewRequestLongBeforeItsPoll) {
  MemoryHost host;
  LinkOptions options = quick_options(url(), node());
  options.poll_minimum = options.poll_maximum = milliseconds(3'600'000);
  CentralLink link(options, host, system_clock());
  std::atomic<int> hints = 0;
  link.set_on_hint([&] { ++hints; });
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return link.state().listening; }));
  // The look that follows a new LISTEN is over.
  ASSERT_TRUE(host.wait_until([&] { return hints == 1; }));
  const std::string id = add_request();
  EXPECT_TRUE(host.wait_until([&] { return host.accepted().contains(id); }));
  EXPECT_GE(hints, 2);
}

TEST_F(LinkClaim, TakesNothingWithoutAFreeSlotAndMoreOnceWoken) {
  add_requests(3);
  MemoryHost host;
  host.slots = 1;
  LinkOptions options = quick_options(url(), node());
  options.poll_minimum = options.poll_maximum = milliseconds(3'600'000);
  CentralLink link(options, host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return host.accepted_count() == 1; }));
  EXPECT_EQ(count("SELECT count(*) FROM vividd.request_lease"), 1);
  for (std::size_t taken = 1; taken < 3; ++taken) {
    for (const auto& [id, times] : host.accepted()) {
      if (value("SELECT status FROM content_requests WHERE id = '" + id + "'") != "completed") host.finish(id);
    }
    link.wake();
    ASSERT_TRUE(host.wait_until([&] {
      if (host.accepted_count() > taken) return true;
      link.wake();
      return false;
    }));
  }
}

TEST_F(LinkClaim, GivesBackWhatItsHostCannotTake) {
  const std::string id = add_request();
  MemoryHost host;
  host.refuses = true;
  LinkOptions options = quick_options(url(), node());
  // The next try, which finds nothing to claim, ends the error.
  options.reconnect = {std::chrono::hours(1), std::chrono::hours(1), 2.0};
  CentralLink link(options, host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] {
    return count(
               "SELECT count(*) FROM vividd.request_lease WHERE state = 'released' AND reason LIKE '%no room%'"
               " AND retry_at > now()") == 1;
  }));
  link.stop();
  EXPECT_EQ(value("SELECT status FROM content_requests"), "pending");
  EXPECT_NE(link.state().last_error.find("no room"), std::string::npos);
  EXPECT_EQ(link.state().claimed, 0);
}

TEST_F(LinkClaim, TakesOverWhatADeadHostHeldBeforeWhatIsPending) {
  const std::string old = add_request();
  {
    MemoryHost dead;
    CentralLink link(quick_options(url(), node("dead", 1)), dead, system_clock());
    link.start();
    ASSERT_TRUE(dead.wait_until([&] { return dead.accepted().contains(old); }));
  }
  lapse(old);
  open_gate();
  const std::string fresh = add_request();
  MemoryHost host;
  host.slots = 1;
  LinkOptions options = quick_options(url(), node("alive", 2));
  options.lease = seconds(1);
  // Nobody takes over from a server that has only just started.
  ASSERT_TRUE(
      host.wait_until([&] { return value("SELECT now() - pg_postmaster_start_time() > interval '1.5 s'") == "t"; }));
  CentralLink link(options, host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return host.accepted_count() == 1; }));
  link.stop();
  EXPECT_TRUE(host.accepted().contains(old));
  EXPECT_EQ(link.state().reclaimed, 1);
  EXPECT_EQ(value("SELECT status FROM content_requests WHERE id = '" + fresh + "'"), "pending");
}

TEST_F(LinkClaim, TellsItsHostOfALostLease) {
  const std::string id = add_request();
  MemoryHost host;
  CentralLink link(quick_options(url(), node()), host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return host.accepted().contains(id); }));
  sql("UPDATE vividd.request_lease SET fence = vividd.next_fence(), node_id = 'thief'");
  EXPECT_TRUE(host.wait_until([&] { return host.lost() == std::vector<std::string>{id}; }));
  EXPECT_EQ(link.state().leases_lost, 1);
}

// One that keeps what it has lost, as one does whose result the database refuses.
class ClingingHost : public MemoryHost {
 public:
  void lease_lost(const sync::HeldLease& /*lease*/) override { ++told; }
  std::atomic<int> told{0};
};

TEST_F(LinkClaim, CountsALostLeaseThatIsHeldOnToOnce) {
  const std::string id = add_request();
  ClingingHost host;
  CentralLink link(quick_options(url(), node()), host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return host.accepted().contains(id); }));
  sql("UPDATE vividd.request_lease SET fence = vividd.next_fence(), node_id = 'thief'");
  ASSERT_TRUE(host.wait_until([&] { return host.told >= 3; }));
  EXPECT_EQ(link.state().leases_lost, 1);
}

TEST_F(LinkClaim, HearsOfACancellationLongBeforeItRenews) {
  const std::string id = add_request();
  MemoryHost host;
  LinkOptions options = quick_options(url(), node());
  options.renew_interval = std::chrono::hours(1);
  CentralLink link(options, host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return host.accepted().contains(id) && link.state().listening; }));
  sql("UPDATE content_requests SET status = 'cancelled' WHERE id = '" + id + "'");
  EXPECT_TRUE(host.wait_until([&] { return host.cancelled().contains(id); }));
}

TEST_F(LinkClaim, HearsOfACancellationWithoutNotifications) {
  sql("DROP TRIGGER vividd_hint_cancelled ON content_requests");
  const std::string id = add_request();
  MemoryHost host;
  LinkOptions options = quick_options(url(), node());
  options.renew_interval = std::chrono::hours(1);
  CentralLink link(options, host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return host.accepted().contains(id); }));
  sql("UPDATE content_requests SET status = 'cancelled' WHERE id = '" + id + "'");
  EXPECT_TRUE(host.wait_until([&] { return host.cancelled().contains(id); }));
}

}  // namespace
}  // namespace vivid::test
