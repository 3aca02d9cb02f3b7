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
  ASSERT_TRUE(reclaimed.request);
  EXPECT_EQ(reclaimed.request->id, lost.id);
  EXPECT_GT(reclaimed.request->fence, lost.fence);
  EXPECT_EQ(reclaimed.request->crashes, 1);
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
  EXPECT_FALSE(reclaim().request);
  sql("UPDATE vividd.request_lease SET leased_until = '2026-01-01'");
  ClaimOptions text = options();
  text.path = sync::RequestPath::text;
  EXPECT_FALSE(reclaim(text).request);
  EXPECT_TRUE(reclaim().request);
}

TEST_F(LeaseReclaim, LeavesOtherEnvironmentsAlone) {
  RequestRow row;
  row.metadata = R"({"environment": "dev"})";
  abandoned(row);
  ClaimOptions production = options();
  production.environment = "prod";
  EXPECT_FALSE(reclaim(production).request);
  EXPECT_TRUE(reclaim().request);
}

TEST_F(LeaseReclaim, WaitsUntilRenewalsHaveBeenTakenForAWholeLease) {
  abandoned();
  // So that the start of this server, some seconds ago, stands in nobody's way.
  ClaimOptions gated = options();
  gated.lease = seconds(0);
  sql("UPDATE vividd.renewal_gate SET accepting_since = now() + interval '5 seconds'");
  EXPECT_FALSE(reclaim(gated).request);
  sql("UPDATE vividd.renewal_gate SET accepting_since = '2026-01-01', last_renewal_at = '2026-01-01'");
  EXPECT_FALSE(reclaim(gated).request);
  open_gate();
  EXPECT_TRUE(reclaim(gated).request);
}

TEST_F(LeaseReclaim, WaitsForAWholeLeaseAfterTheServerHasStarted) {
  abandoned();
  ClaimOptions patient = options();
  patient.lease = seconds(24 * 3600);
  EXPECT_FALSE(reclaim(patient).request);
}

TEST_F(LeaseReclaim, BuriesWhatKeepsLosingItsHosts) {
  const ClaimedRequest lost = abandoned();
  sql("UPDATE content_requests SET current_stage = 'video_generation', progress_percentage = 40;"
      "DELETE FROM vividd.metrics_touch");
  for (int crashes = 1; crashes < 3; ++crashes) {
    const Reclaimed reclaimed = reclaim();
    ASSERT_TRUE(reclaimed.request);
    EXPECT_EQ(reclaimed.request->crashes, crashes);
    lapse(lost.id);
  }
  sql("INSERT INTO request_stages (request_id, stage_name, stage_order, status) VALUES"
      " ('" +
      lost.id + "', 'validation', 1, 'completed'), ('" + lost.id + "', 'video_generation', 4, 'in_progress'), ('" +
      lost.id + "', 'notification', 6, 'pending');" +
      "UPDATE content_requests SET progress_percentage = 40, current_stage = 'video_generation'");
  const Reclaimed last = reclaim(options(), "node-c");
  EXPECT_FALSE(last.request);
  EXPECT_EQ(last.buried, 1);
  EXPECT_EQ(value("SELECT state || ' ' || crashes FROM vividd.request_lease"), "buried 3");
  EXPECT_EQ(value("SELECT status || ' ' || error_stage || ' ' || (failed_at IS NOT NULL) FROM content_requests"),
            "failed video_generation true");
  EXPECT_EQ(value("SELECT error_details->>'last_node' FROM content_requests"), "node-b");
  EXPECT_EQ(value("SELECT string_agg(status::text, ' ' ORDER BY stage_order) FROM request_stages"),
            "completed failed pending");
  EXPECT_EQ(value("SELECT progress_percentage FROM content_requests"), "40");
  EXPECT_EQ(value("SELECT event_message || ', ' || source_host FROM request_events"
                  " WHERE event_type = 'request_buried'"),
            "Given up; lapsed leases: 3, the last one of node-b, node-c.example.org");
  EXPECT_NE(value("SELECT error_message FROM content_requests"), "");
  EXPECT_EQ(count("SELECT count(*) FROM request_events WHERE event_type = 'request_buried'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM vividd.metrics_touch"), 1);
  EXPECT_EQ(reclaim().buried, 0);
}

TEST_F(LeaseReclaim, TakesOverOneAtATime) {
  for (int i = 0; i < 3; ++i) abandoned();
  for (int taken = 1; taken <= 3; ++taken) {
    EXPECT_TRUE(reclaim().request);
    EXPECT_EQ(count("SELECT sum(crashes) FROM vividd.request_lease"), taken);
    EXPECT_EQ(count("SELECT count(*) FROM vividd.request_lease WHERE crashes > 1"), 0);
  }
}

TEST_F(LeaseReclaim, BuriesTheRequestThatKillsTheDaemonAndNoOther) {
  add_text_requests(40);
  const std::string poison = value("SELECT id FROM content_requests ORDER BY created_at OFFSET 20 LIMIT 1");
  ClaimOptions wanted = options();
  wanted.path = sync::RequestPath::text;
  wanted.limit = 500;
  int buried = 0;
  for (int life = 0; life < 100 && buried == 0; ++life) {
    const sync::NodeIdentity daemon = node("node-a", 100 + life);
    ASSERT_EQ(sync::renew(*session_, daemon, sync::RequestPath::text, {}, seconds(60))->released_orphans, 0);
    for (bool lives = true; lives && buried == 0;) {
      auto lapsed = sync::reclaim(*session_, daemon, wanted);
      ASSERT_TRUE(lapsed);
      buried += lapsed->buried;
      std::vector<ClaimedRequest> batch;
      if (lapsed->request) batch.push_back(*lapsed->request);
      if (batch.empty()) batch = *sync::claim(*session_, daemon, wanted);
      for (const ClaimedRequest& request : batch) lives = lives && request.id != poison;
      for (const ClaimedRequest& request : batch) {
        if (!lives) lapse(request.id);
        if (lives) {
          sql("UPDATE content_requests SET status = 'completed' WHERE id = '" + request.id + "';" +
              "UPDATE vividd.request_lease SET state = 'finished' WHERE request_id = '" + request.id + "'");
        }
      }
      if (batch.empty()) break;
    }
  }
  EXPECT_EQ(buried, 1);
  EXPECT_EQ(value("SELECT status FROM content_requests WHERE id = '" + poison + "'"), "failed");
  // The first death took all of its batch along, no later one did.
  EXPECT_EQ(count("SELECT max(crashes) FROM vividd.request_lease WHERE request_id <> '" + poison + "'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM content_requests WHERE status = 'failed'"), 1);
}

TEST_F(LeaseReclaim, CountsCrashesOnThroughARelease) {
  const ClaimedRequest lost = abandoned();
  const Reclaimed reclaimed = reclaim();
  ASSERT_TRUE(reclaimed.request);
  const Status released =
      sync::release(*session_, node("node-b"), {{lost.id, reclaimed.request->fence, {}, "disk full"}});
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
    EXPECT_FALSE(reclaimed.request);
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
  EXPECT_FALSE(reclaim().request);
  ASSERT_TRUE(transaction->commit());
  EXPECT_FALSE(reclaim().request);
}

}  // namespace
}  // namespace vivid::test
