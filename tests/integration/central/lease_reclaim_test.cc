// What becomes of requests whose host is gone.
#include <gmock/gmock.h>

#include "sync/central/lease/leases.h"
#include "tests/integration/central/central_fixture.h"

namespace vivid::test {
namespace {

using std::chrono::seconds;
using sync::ClaimedRequest;
using sync::ClaimOptions;
using sync::Reclaimed;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LeaseReclaim : public CentralTest {
 protected:
  void SetUp() override {
    CentralTest::SetUp();
    if (database_.empty()) return;
    session_ = std::make_unique<sync::Session>(open());
    open_gate();
  }
  void TearDown() override {
    session_.reset();
    CentralTest::TearDown();
  }

  // The lease is short because the server has to have been up for that long.
  static ClaimOptions options() {
    ClaimOptions options;
    options.limit = 10;
    options.lease = seconds(0);
    return options;
  }
  Reclaimed reclaim(const ClaimOptions& options, const std::string& by = "node-b") const {
    auto reclaimed = sync::reclaim(*session_, node(by), options);
    EXPECT_TRUE(reclaimed) << reclaimed.error().message;
    return reclaimed ? *reclaimed : Reclaimed{};
  }
  Reclaimed reclaim() const { return reclaim(options()); }

  // Claimed by node-a, which then is heard of no more.
  ClaimedRequest abandoned(const RequestRow& row = {}) const {
    const std::string id = add_request(row);
    ClaimOptions options;
    const auto claimed = sync::claim(*session_, node(), options);
    EXPECT_TRUE(claimed && claimed->size() == 1);
    lapse(id);
    return claimed && claimed->size() == 1 ? claimed->front() : ClaimedRequest{};
  }

  std::unique_ptr<sync::Session> session_;
};

TEST_F(LeaseReclaim, TakesOverWhatHasLapsed) {
  const ClaimedRequest lost = abandoned();
  sql("UPDATE content_requests SET status = 'generating_video', progress_percentage = 40, current_stage = 'video'");
  const Reclaimed reclaimed = reclaim();
  ASSERT_THAT(reclaimed.requests, SizeIs(1));
  EXPECT_EQ(reclaimed.requests[0].id, lost.id);
  EXPECT_GT(reclaimed.requests[0].fence, lost.fence);
  EXPECT_EQ(reclaimed.requests[0].crashes, 1);
  EXPECT_EQ(value("SELECT node_id FROM vividd.request_lease"), "node-b");
  EXPECT_EQ(value("SELECT status || ' ' || progress_percentage || ' ' || retry_count FROM content_requests"),
            "generating_video 40 1");
  EXPECT_EQ(value("SELECT event_data->>'lost_by' || ' ' || source_host FROM request_events"
                  " WHERE event_type = 'lease_reclaimed' AND severity = 'warning'"),
            "node-a node-b.example.org");
}

TEST_F(LeaseReclaim, LeavesLiveLeasesAndOtherPathsAlone) {
  abandoned();
  sql("UPDATE vividd.request_lease SET leased_until = now() + interval '1 minute'");
  EXPECT_THAT(reclaim().requests, IsEmpty());
  sql("UPDATE vividd.request_lease SET leased_until = '2026-01-01'");
  ClaimOptions text = options();
  text.path = sync::RequestPath::text;
  EXPECT_THAT(reclaim(text).requests, IsEmpty());
  EXPECT_THAT(reclaim().requests, SizeIs(1));
}

TEST_F(LeaseReclaim, LeavesOtherEnvironmentsAlone) {
  RequestRow row;
  row.metadata = R"({"environment": "dev"})";
  abandoned(row);
  ClaimOptions production = options();
  production.environment = "prod";
  EXPECT_THAT(reclaim(production).requests, IsEmpty());
  EXPECT_THAT(reclaim().requests, SizeIs(1));
}

TEST_F(LeaseReclaim, WaitsUntilRenewalsHaveBeenTakenForAWholeLease) {
  abandoned();
  // So that the start of this server, some seconds ago, stands in nobody's way.
  ClaimOptions gated = options();
  gated.lease = seconds(0);
  sql("UPDATE vividd.renewal_gate SET accepting_since = now() + interval '5 seconds'");
  EXPECT_THAT(reclaim(gated).requests, IsEmpty());
  sql("UPDATE vividd.renewal_gate SET accepting_since = '2026-01-01', last_renewal_at = '2026-01-01'");
  EXPECT_THAT(reclaim(gated).requests, IsEmpty());
  open_gate();
  EXPECT_THAT(reclaim(gated).requests, SizeIs(1));
}

TEST_F(LeaseReclaim, WaitsForAWholeLeaseAfterTheServerHasStarted) {
  abandoned();
  ClaimOptions patient = options();
  patient.lease = seconds(24 * 3600);
  EXPECT_THAT(reclaim(patient).requests, IsEmpty());
}

TEST_F(LeaseReclaim, BuriesWhatKeepsLosingItsHosts) {
  const ClaimedRequest lost = abandoned();
  sql("UPDATE content_requests SET current_stage = 'video_generation'; DELETE FROM vividd.metrics_touch");
  for (int crashes = 1; crashes < 3; ++crashes) {
    const Reclaimed reclaimed = reclaim();
    ASSERT_THAT(reclaimed.requests, SizeIs(1));
    EXPECT_EQ(reclaimed.requests[0].crashes, crashes);
    lapse(lost.id);
  }
  const Reclaimed last = reclaim(options(), "node-c");
  EXPECT_THAT(last.requests, IsEmpty());
  EXPECT_EQ(last.buried, 1);
  EXPECT_EQ(value("SELECT state || ' ' || crashes FROM vividd.request_lease"), "buried 3");
  EXPECT_EQ(value("SELECT status || ' ' || error_stage || ' ' || (failed_at IS NOT NULL) FROM content_requests"),
            "failed video_generation true");
  EXPECT_EQ(value("SELECT error_details->>'last_node' FROM content_requests"), "node-b");
  EXPECT_NE(value("SELECT error_message FROM content_requests"), "");
  EXPECT_EQ(count("SELECT count(*) FROM request_events WHERE event_type = 'request_buried'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM vividd.metrics_touch"), 1);
  EXPECT_EQ(reclaim().buried, 0);
}

TEST_F(LeaseReclaim, CountsCrashesOnThroughARelease) {
  const ClaimedRequest lost = abandoned();
  const Reclaimed reclaimed = reclaim();
  ASSERT_THAT(reclaimed.requests, SizeIs(1));
  const Status released =
      sync::release(*session_, node("node-b"), {{lost.id, reclaimed.requests[0].fence, {}, "disk full"}});
  ASSERT_TRUE(released);
  const auto claimed = sync::claim(*session_, node(), ClaimOptions{});
  ASSERT_TRUE(claimed && claimed->size() == 1);
  EXPECT_EQ(claimed->front().crashes, 1);
}

TEST_F(LeaseReclaim, OnlyEndsTheLeaseOfWhatIsOver) {
  for (const char* status : {"cancelled", "completed", "failed"}) {
    const ClaimedRequest lost = abandoned();
    sql("UPDATE content_requests SET status = '" + std::string(status) + "' WHERE id = '" + lost.id + "'");
    const Reclaimed reclaimed = reclaim();
    EXPECT_THAT(reclaimed.requests, IsEmpty());
    EXPECT_EQ(reclaimed.buried, 0);
    EXPECT_EQ(value("SELECT state FROM vividd.request_lease WHERE request_id = '" + lost.id + "'"), "finished");
    EXPECT_EQ(value("SELECT status FROM content_requests WHERE id = '" + lost.id + "'"), status);
  }
}

TEST_F(LeaseReclaim, SkipsWhatItsHostIsRenewingAtThisMoment) {
  const ClaimedRequest lost = abandoned();
  sync::Session renewing = open();
  auto transaction = sync::Transaction::begin(renewing);
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(sync::renew(renewing, node(), sync::RequestPath::media, {{lost.id, lost.fence}}, seconds(60)));
  EXPECT_THAT(reclaim().requests, IsEmpty());
  ASSERT_TRUE(transaction->commit());
  EXPECT_THAT(reclaim().requests, IsEmpty());
}

}  // namespace
}  // namespace vivid::test
