// How a lease is kept, lost and given back.
#include <gmock/gmock.h>

#include "sync/central/lease/leases.h"
#include "tests/integration/central/central_fixture.h"

namespace vivid::test {
namespace {

using std::chrono::seconds;
using sync::ClaimedRequest;
using sync::ClaimOptions;
using sync::HeldLease;
using sync::Release;
using sync::Renewal;
using sync::RequestPath;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LeaseRenew : public CentralTest {
 protected:
  void SetUp() override {
    CentralTest::SetUp();
    if (!database_.empty()) session_ = std::make_unique<sync::Session>(open());
  }
  void TearDown() override {
    session_.reset();
    CentralTest::TearDown();
  }

  HeldLease claimed(const sync::NodeIdentity& by) const {
    RequestRow row;
    add_request(row);
    const auto requests = sync::claim(*session_, by, ClaimOptions{});
    EXPECT_TRUE(requests && requests->size() == 1);
    return requests && requests->size() == 1 ? HeldLease{requests->front().id, requests->front().fence} : HeldLease{};
  }
  HeldLease claimed() const { return claimed(node()); }
  Renewal renew(const std::vector<HeldLease>& held, const sync::NodeIdentity& by,
                RequestPath path = RequestPath::media) const {
    auto renewal = sync::renew(*session_, by, path, held, seconds(60));
    EXPECT_TRUE(renewal) << renewal.error().message;
    return renewal ? *renewal : Renewal{};
  }
  Renewal renew(const std::vector<HeldLease>& held) const { return renew(held, node()); }
  std::string lease(const std::string& column, const HeldLease& of) const {
    return value("SELECT " + column + " FROM vividd.request_lease WHERE request_id = '" + of.id + "'");
  }
  std::string status(const HeldLease& of) const {
    return value("SELECT status FROM content_requests WHERE id = '" + of.id + "'");
  }

  std::unique_ptr<sync::Session> session_;
};

TEST_F(LeaseRenew, ProlongsAllThatIsHeld) {
  const HeldLease a = claimed();
  const HeldLease b = claimed();
  sql("UPDATE vividd.request_lease SET leased_until = now() + interval '1 second'");
  const Renewal renewal = renew({a, b});
  EXPECT_THAT(renewal.lost, IsEmpty());
  EXPECT_THAT(renewal.cancelled, IsEmpty());
  EXPECT_EQ(renewal.released_orphans, 0);
  EXPECT_EQ(count("SELECT count(*) FROM vividd.request_lease WHERE leased_until > now() + interval '50 s'"), 2);
}

TEST_F(LeaseRenew, RevivesALapsedLeaseThatNobodyTook) {
  const HeldLease held = claimed();
  lapse(held.id);
  EXPECT_THAT(renew({held}).lost, IsEmpty());
  EXPECT_EQ(lease("leased_until > now()", held), "t");
  EXPECT_EQ(lease("crashes", held), "0");
}

TEST_F(LeaseRenew, TellsWhatIsLost) {
  const HeldLease taken = claimed();
  const HeldLease finished = claimed();
  const HeldLease deleted = claimed();
  const HeldLease completed = claimed();
  const HeldLease kept = claimed();
  sql("UPDATE vividd.request_lease SET fence = fence + 100, node_id = 'node-b' WHERE request_id = '" + taken.id +
      "'; UPDATE vividd.request_lease SET state = 'finished' WHERE request_id = '" + finished.id +
      "'; DELETE FROM content_requests WHERE id = '" + deleted.id +
      "'; UPDATE content_requests SET status = 'completed' WHERE id = '" + completed.id + "'");
  const std::string until = lease("leased_until", taken);
  std::vector<std::string> lost;
  for (const HeldLease& one : renew({taken, finished, deleted, completed, kept}).lost) lost.push_back(one.id);
  EXPECT_THAT(lost, ::testing::UnorderedElementsAre(taken.id, finished.id, deleted.id, completed.id));
  EXPECT_EQ(lease("leased_until", taken), until);
}

TEST_F(LeaseRenew, TellsWhatIsCancelled) {
  const HeldLease cancelled = claimed();
  const HeldLease other = claimed();
  sql("UPDATE content_requests SET status = 'cancelled' WHERE id = '" + cancelled.id + "'");
  const Renewal renewal = renew({cancelled, other});
  EXPECT_THAT(renewal.cancelled, ElementsAre(cancelled.id));
  EXPECT_THAT(renewal.lost, IsEmpty());
  EXPECT_EQ(lease("cancel_requested_at IS NOT NULL", cancelled), "t");
  const auto asked = sync::cancelled_of(*session_, {cancelled, other});
  ASSERT_TRUE(asked);
  EXPECT_THAT(*asked, ElementsAre(cancelled.id));
  EXPECT_THAT(*sync::cancelled_of(*session_, {}), IsEmpty());
}

TEST_F(LeaseRenew, GivesBackWhatItWasNeverToldOf) {
  const HeldLease known = claimed();
  const HeldLease orphan = claimed();
  const HeldLease over = claimed();
  const HeldLease foreign = claimed(node("node-b"));
  sql("UPDATE content_requests SET progress_percentage = 30 WHERE id = '" + orphan.id +
      "'; UPDATE content_requests SET status = 'cancelled' WHERE id = '" + over.id + "'");
  EXPECT_EQ(renew({known}, node(), RequestPath::text).released_orphans, 0);
  EXPECT_EQ(renew({known}).released_orphans, 2);
  EXPECT_EQ(status(orphan), "pending");
  EXPECT_EQ(value("SELECT progress_percentage FROM content_requests WHERE id = '" + orphan.id + "'"), "30");
  EXPECT_EQ(lease("state || ' ' || crashes", orphan), "released 0");
  EXPECT_EQ(lease("state", over), "finished");
  EXPECT_EQ(status(over), "cancelled");
  EXPECT_EQ(lease("state", foreign), "leased");
  const auto again = sync::claim(*session_, node("node-b"), ClaimOptions{});
  ASSERT_TRUE(again && again->size() == 1);
  EXPECT_EQ(again->front().id, orphan.id);
  EXPECT_GT(again->front().fence, orphan.fence);
}

TEST_F(LeaseRenew, LeavesAnOlderFenceOfItsOwnLostAndGivesTheNewOneBack) {
  const HeldLease held = claimed();
  const HeldLease older{held.id, held.fence - 1};
  const Renewal renewal = renew({older});
  ASSERT_THAT(renewal.lost, SizeIs(1));
  EXPECT_EQ(renewal.lost[0].fence, older.fence);
  EXPECT_EQ(renewal.released_orphans, 1);
}

TEST_F(LeaseRenew, LeavesWhatAnotherLifeClaimedToBeReclaimedAsACrash) {
  sync::NodeIdentity other_boot = node();
  other_boot.boot_id = "11111111-1111-4111-8111-111111111111";
  sync::NodeIdentity other_start = node();
  other_start.start_ticks = 4711;
  open_gate();
  ClaimOptions at_once;
  at_once.lease = seconds(0);
  for (const sync::NodeIdentity& earlier : {other_boot, node("node-a", 99), other_start}) {
    const HeldLease held = claimed(earlier);
    EXPECT_EQ(renew({}).released_orphans, 0);
    EXPECT_EQ(lease("state", held), "leased");
    lapse(held.id);
    EXPECT_EQ(renew({}).released_orphans, 0);
    const auto reclaimed = sync::reclaim(*session_, node(), at_once);
    ASSERT_TRUE(reclaimed && reclaimed->request);
    EXPECT_EQ(reclaimed->request->id, held.id);
    EXPECT_EQ(reclaimed->request->crashes, 1);
    // It is this life's now.
    sql("UPDATE vividd.request_lease SET leased_until = now() + interval '1 minute'");
    EXPECT_EQ(renew({}).released_orphans, 1);
    EXPECT_EQ(lease("state || ' ' || crashes", held), "released 1");
    sql("DELETE FROM content_requests");
  }
}

TEST_F(LeaseRenew, KeepsAfterARestartWhatItsQueueHolds) {
  const HeldLease held = claimed(node("node-a", 99));
  sql("UPDATE vividd.request_lease SET leased_until = now() + interval '1 second'");
  EXPECT_THAT(renew({held}).lost, IsEmpty());
  EXPECT_EQ(lease("leased_until > now() + interval '50 s'", held), "t");
  EXPECT_EQ(lease("crashes", held), "0");
}

TEST_F(LeaseRenew, TellsTheGateThatRenewalsAreTaken) {
  const std::string gate = "SELECT accepting_since = '2026-01-01' FROM vividd.renewal_gate";
  sql("UPDATE vividd.renewal_gate SET accepting_since = '2026-01-01', last_renewal_at = now() - interval '25 s'");
  renew({});
  EXPECT_EQ(value(gate), "t");
  EXPECT_EQ(value("SELECT last_renewal_at > now() - interval '20 s' FROM vividd.renewal_gate"), "t");
  // Leases that were halfway through when the server went away have lapsed by now.
  sql("UPDATE vividd.renewal_gate SET last_renewal_at = now() - interval '31 s'");
  renew({});
  EXPECT_EQ(value(gate), "f");
}

TEST_F(LeaseRenew, ReleasesForALaterTime) {
  const HeldLease held = claimed();
  const Release later{held.id, held.fence, seconds(3600), std::string("no disk\0 \xff", 10)};
  ASSERT_TRUE(sync::release(*session_, node(), {later}));
  EXPECT_EQ(status(held), "pending");
  EXPECT_EQ(lease("round(EXTRACT(epoch FROM retry_at - ended_at))", held), "3600");
  EXPECT_EQ(count("SELECT count(*) FROM request_events WHERE event_type = 'request_released'"), 1);
  EXPECT_THAT(*sync::claim(*session_, node(), ClaimOptions{}), IsEmpty());
  sql("UPDATE vividd.request_lease SET retry_at = now() - interval '1 s'");
  const auto again = sync::claim(*session_, node(), ClaimOptions{});
  ASSERT_THAT(*again, SizeIs(1));
  EXPECT_GT(again->front().fence, held.fence);
}

TEST_F(LeaseRenew, ReleasesNothingUnderAnOldFenceOrOnceItIsOver) {
  const HeldLease held = claimed();
  ASSERT_TRUE(sync::release(*session_, node(), {{held.id, held.fence - 1, {}, "late"}}));
  EXPECT_EQ(lease("state", held), "leased");
  EXPECT_EQ(status(held), "validating");
  sql("UPDATE content_requests SET status = 'cancelled'");
  ASSERT_TRUE(sync::release(*session_, node(), {{held.id, held.fence, {}, "cancelled"}}));
  EXPECT_EQ(lease("state", held), "finished");
  EXPECT_EQ(status(held), "cancelled");
}

TEST_F(LeaseRenew, FenceRisesWithEveryHolder) {
  const HeldLease first = claimed();
  std::int64_t last = first.fence;
  open_gate();
  ClaimOptions options;
  options.max_crashes = 100;
  options.lease = seconds(0);
  for (int i = 0; i < 4; ++i) {
    lapse(first.id);
    const auto reclaimed = sync::reclaim(*session_, node("node-b"), options);
    ASSERT_TRUE(reclaimed && reclaimed->request);
    EXPECT_GT(reclaimed->request->fence, last);
    last = reclaimed->request->fence;
    EXPECT_THAT(renew({first}).lost, SizeIs(1));
    ASSERT_TRUE(sync::release(*session_, node("node-b"), {{first.id, last, {}, "again"}}));
    const auto again = sync::claim(*session_, node("node-c"), ClaimOptions{});
    ASSERT_TRUE(again && again->size() == 1);
    EXPECT_GT(again->front().fence, last);
    last = again->front().fence;
  }
}

}  // namespace
}  // namespace vivid::test
