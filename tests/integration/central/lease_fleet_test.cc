// The nodes of the fleet, what a plain role may do, and how the database finds what is asked of it.
#include <gmock/gmock.h>

#include "base/files.h"
#include "sync/central/lease/leases.h"
#include "sync/central/lease/sql.h"
#include "tests/integration/central/central_fixture.h"

namespace vivid::test {
namespace {

using std::chrono::seconds;
using sync::ClaimOptions;
using sync::NodeIdentity;
using sync::NodeReport;
using sync::RequestPath;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class LeaseFleet : public CentralTest {
 protected:
  bool beat(const NodeIdentity& by, const NodeReport& report = {"{}", "{}", false}) const {
    sync::Session session = open();
    const auto twin = sync::heartbeat(session, by, report, seconds(60));
    EXPECT_TRUE(twin) << twin.error().message;
    return twin && *twin;
  }
};

TEST_F(LeaseFleet, HeartbeatTellsOfANode) {
  EXPECT_FALSE(beat(node(), {R"({"render": 2})", R"({"jobs": 1})", true}));
  EXPECT_EQ(value("SELECT host || ' ' || pid || ' ' || version || ' ' || (capacity->>'render') || ' ' ||"
                  " (load->>'jobs') || ' ' || draining FROM vividd.node"),
            "node-a.example.org 100 1.2.3 2 1 true");
  sql("UPDATE vividd.node SET last_seen = '2026-01-01', started_at = '2026-01-01'");
  EXPECT_FALSE(beat(node()));
  EXPECT_EQ(value("SELECT last_seen > '2026-01-02' AND started_at = '2026-01-01' AND NOT draining FROM vividd.node"),
            "t");
}

TEST_F(LeaseFleet, ARestartIsNoTwin) {
  EXPECT_FALSE(beat(node("node-a", 100)));
  for (int pid = 101; pid < 104; ++pid) {
    sql("UPDATE vividd.node SET started_at = '2026-01-01'");
    EXPECT_FALSE(beat(node("node-a", pid)));
    EXPECT_FALSE(beat(node("node-a", pid)));
    EXPECT_EQ(value("SELECT started_at > '2026-01-02' FROM vividd.node"), "t");
  }
}

TEST_F(LeaseFleet, TwoLivingDaemonsOfOneNameFindEachOther) {
  NodeIdentity other = node();
  other.boot_id = "11111111-1111-4111-8111-111111111111";
  NodeIdentity in_a_container = node();
  in_a_container.start_ticks = 4711;
  for (const NodeIdentity& twin : {node("node-a", 101), other, in_a_container}) {
    sql("DELETE FROM vividd.node");
    EXPECT_FALSE(beat(node()));
    EXPECT_FALSE(beat(twin));
    EXPECT_TRUE(beat(node()));
    EXPECT_TRUE(beat(twin));
    EXPECT_FALSE(beat(twin));
  }
}

TEST_F(LeaseFleet, ASuccessorThatEndedLongAgoIsNoTwin) {
  beat(node("node-a", 100));
  beat(node("node-a", 101));
  sql("UPDATE vividd.node SET last_seen = now() - interval '61 s'");
  EXPECT_FALSE(beat(node("node-a", 100)));
}

TEST_F(LeaseFleet, ANewcomerGivesBackNoneOfItsLivingTwinsLeases) {
  add_request();
  sync::Session session = open();
  const NodeIdentity living = node("node-a", 100);
  const NodeIdentity newcomer = node("node-a", 101);
  const auto claimed = sync::claim(session, living, ClaimOptions{});
  ASSERT_TRUE(claimed && claimed->size() == 1);
  beat(living);
  // Before it can know of a twin.
  EXPECT_EQ(sync::renew(session, newcomer, RequestPath::media, {}, seconds(60))->released_orphans, 0);
  beat(newcomer);
  EXPECT_EQ(sync::renew(session, newcomer, RequestPath::media, {}, seconds(60))->released_orphans, 0);
  const auto renewed =
      sync::renew(session, living, RequestPath::media, {{claimed->front().id, claimed->front().fence}}, seconds(60));
  ASSERT_TRUE(renewed);
  EXPECT_THAT(renewed->lost, IsEmpty());
}

TEST_F(LeaseFleet, TheServersIdentityStaysOverARestart) {
  const auto identity = [&] {
    sync::Session session = open();
    return sync::server_identity(session).value();
  };
  const std::string before = identity();
  EXPECT_THAT(before, ::testing::MatchesRegex("[0-9]+/[0-9]+"));
  ASSERT_TRUE(server().stop(SIGINT));
  ASSERT_TRUE(server().start_again());
  EXPECT_EQ(identity(), before);
}

TEST_F(LeaseFleet, AServerThatTookOverGivesHigherFencesThanItKnowsOf) {
  const auto claimed = [&] {
    add_request();
    sync::Session session = open();
    const auto requests = sync::claim(session, node(), ClaimOptions{});
    return requests && requests->size() == 1 ? requests->front() : sync::ClaimedRequest{};
  };
  const auto identity = [&] {
    sync::Session session = open();
    return sync::server_identity(session).value();
  };
  const std::int64_t before = claimed().fence;
  ASSERT_GT(before, 0);
  const std::string known = identity();
  ASSERT_TRUE(server().stop(SIGINT));
  ASSERT_TRUE(write_file_durably(server().folder() / "data" / "standby.signal", ""));
  ASSERT_TRUE(server().start_again());
  ASSERT_EQ(value("SELECT pg_promote(true, 30)"), "t");
  EXPECT_NE(identity(), known);
  // As if it had never heard of the last claims.
  sql("SELECT setval('vividd.fence', 1, false)");
  const std::int64_t after = claimed().fence;
  EXPECT_GT(after, before);
  EXPECT_EQ(after >> 40, (before >> 40) + 1);
  EXPECT_EQ(after & 0xffff, 1);
}

// What the operator is told to run, less the making of the role.
std::string documented_grants() { return read_file(VIVID_SOURCE_DIR "/docs/daemon_rights.sql", 1 << 20).value_or(""); }

TEST_F(LeaseFleet, APlainRoleMayDoAllThatADaemonDoes) {
  sql("DO $$ BEGIN IF to_regrole('vividd') IS NULL THEN CREATE ROLE vividd LOGIN; END IF; END $$");
  sync::SessionOptions options = session_options();
  options.url = url_as("vividd");
  sync::Session session = open(options);
  add_request();
  add_request();
  const auto refused = sync::claim(session, node(), ClaimOptions{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::permission_denied);
  sql(documented_grants());
  open_gate();
  ASSERT_TRUE(sync::server_identity(session));
  ASSERT_TRUE(sync::heartbeat(session, node(), {"{}", "{}", false}, seconds(60)));
  const auto first = sync::claim(session, node(), ClaimOptions{});
  ASSERT_TRUE(first && first->size() == 1);
  lapse(first->front().id);
  ClaimOptions at_once;
  at_once.lease = seconds(0);
  const auto reclaimed = sync::reclaim(session, node("node-b"), at_once);
  ASSERT_TRUE(reclaimed && reclaimed->request);
  at_once.max_crashes = 1;
  EXPECT_EQ(sync::reclaim(session, node("node-b"), at_once)->buried, 1);
  const auto second = sync::claim(session, node(), ClaimOptions{});
  ASSERT_TRUE(second && second->size() == 1);
  ASSERT_TRUE(sync::cancelled_of(session, {{second->front().id, second->front().fence}}));
  ASSERT_TRUE(sync::release(session, node(), {{second->front().id, second->front().fence, {}, "test"}}));
  ASSERT_THAT(*sync::claim(session, node(), ClaimOptions{}), SizeIs(1));
  EXPECT_EQ(sync::renew(session, node(), RequestPath::media, {}, seconds(60))->released_orphans, 1);
}

TEST_F(LeaseFleet, TheQueriesOfTheManualRun) {
  const auto text = read_file(VIVID_SOURCE_DIR "/docs/central.md", 1 << 20);
  ASSERT_TRUE(text) << text.error().describe();
  const std::size_t begin = text->find("```sql\n");
  ASSERT_NE(begin, std::string::npos);
  const std::string queries = text->substr(begin + 7, text->find("\n```", begin) - begin - 7);
  EXPECT_THAT(queries, HasSubstr("vividd.request_lease"));
  EXPECT_NO_THROW(sql(queries));
}

// What the planner would do with the statement as a daemon sends it.
std::string plan_of(sync::Session& session, std::string_view sql, const sync::SqlRow& parameters) {
  const auto transaction = sync::Transaction::begin(session, "SET LOCAL enable_bitmapscan = off");
  const auto rows = session.run("EXPLAIN " + std::string(sql), parameters);
  if (!rows) return rows.error().message;
  std::string plan;
  for (const sync::SqlRow& row : *rows) plan += row[0].value() + "\n";
  return plan;
}

TEST_F(LeaseFleet, ClaimsReadTheHeadOfTheirIndexHoweverLongTheBacklog) {
  sql("SET session_replication_role = replica;"
      "INSERT INTO content_requests (correlation_id, topic, student_id, requested_modalities, status, request_metadata)"
      " SELECT 'many-' || i, 'T', 'student', CASE WHEN i % 3 = 0 THEN '[\"text\"]' ELSE '[\"video\"]' END::jsonb,"
      "  CASE WHEN i % 2 = 0 THEN 'completed' ELSE 'pending' END::content_request_status,"
      "  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '{\"environment\": \"prod\"}' ELSE '{\"environment\": \"dev\"}' "
      "END::jsonb"
      " FROM generate_series(1, 60000) AS i;"
      "INSERT INTO vividd.request_lease (request_id, node_id, boot_id, path, state, leased_until)"
      " SELECT id, 'n', gen_random_uuid(), 'media', 'finished', now() FROM content_requests WHERE status = "
      "'completed'");
  sync::Session session = open();
  const auto plans = [&] {
    for (const char* path : {"media", "text"}) {
      const std::string limit = std::string(path) == "text" ? "500" : "4";
      const std::string plan = plan_of(session, sync::sql::kClaim,
                                       {"n", node().boot_id, "host", "dev", "60", limit, std::string(path), "1", "1"});
      EXPECT_THAT(
          plan, AllOf(HasSubstr(std::string("Index Scan using vividd_content_requests_") + path),
                      HasSubstr("Index Scan using request_lease_pkey"), Not(HasSubstr("Seq Scan on content_requests")),
                      Not(HasSubstr("Seq Scan on request_lease")), Not(HasSubstr("Bitmap Heap"))));
    }
  };
  plans();  // without statistics
  sql("ANALYZE content_requests, vividd.request_lease");
  plans();
  const std::string reclaim =
      plan_of(session, sync::sql::kReclaim, {"n", node().boot_id, "host", "dev", "60", "4", "media", "1", "1", "3"});
  EXPECT_THAT(reclaim, AllOf(HasSubstr("request_lease_live"), Not(HasSubstr("Seq Scan on content_requests")),
                             Not(HasSubstr("Seq Scan on request_lease"))));
}

}  // namespace
}  // namespace vivid::test
