// Deliveries under fences: what is applied, in which order, and what changes nothing.
#include <thread>

#include "tests/integration/central/results_fixture.h"

namespace vivid::test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

class ResultsDeliveries : public ResultsTest {};

TEST_F(ResultsDeliveries, OneBatchHoldsAWholeLife) {
  const Held held = hold();
  EXPECT_THAT(deliver({accepted(held), stage(held, "validation", "validating"),
                       delivery(held, "attempt",
                                {{"attempt", 1}, {"error_code", "worker_crashed"}, {"error_message", "signal 11"}},
                                "video_generation", 1),
                       stage(held, "video_generation", "generating_video", 2), completed(held)}),
              Each(Verdict::applied));
  EXPECT_EQ(of(held, "status"), "completed");
  EXPECT_EQ(of(held, "progress_percentage"), "100");
  EXPECT_EQ(of(held, "retry_count"), "1");
  EXPECT_EQ(stage_of(held, "validation", "duration_seconds"), "2.500");
  EXPECT_EQ(stage_of(held, "video_generation", "status || ' ' || retry_count || ' ' || (output_data ->> 'frames')"),
            "completed 1 90");
  EXPECT_EQ(stage_of(held, "audio_synthesis", "status"), "skipped");
  EXPECT_EQ(stage_of(held, "notification", "status"), "skipped");  // nobody came to it
  EXPECT_EQ(value("SELECT string_agg(event_type, ' ' ORDER BY event_type) FROM request_events WHERE source_service = "
                  "'vividd' AND source_host = 'node-a.example.org'"),
            "request_accepted request_completed stage_completed stage_completed stage_retried");
  // Messages name the node, as all others do.
  EXPECT_EQ(value("SELECT event_message FROM request_events WHERE event_type = 'request_accepted'"),
            "Accepted by node-a; stages: 4, skipped: 1");
  EXPECT_EQ(count("SELECT count(*) FROM request_events WHERE event_message LIKE '%example.org%'"), 0);
  EXPECT_EQ(value("SELECT state FROM vividd.request_lease"), "finished");
  EXPECT_EQ(audit(), "");
}

TEST_F(ResultsDeliveries, AStageInParts) {
  const Held held = hold();
  EXPECT_THAT(deliver({accepted(held)}), ElementsAre(Verdict::applied));
  EXPECT_THAT(deliver({stage(held, "validation", "generating_script")}), ElementsAre(Verdict::applied));
  EXPECT_EQ(of(held, "status || ' ' || current_stage || ' ' || progress_percentage"),
            "generating_script validation 33");
  EXPECT_THAT(deliver({stage(held, "video_generation", "validating")}), ElementsAre(Verdict::applied));
  EXPECT_EQ(of(held, "status || ' ' || current_stage || ' ' || progress_percentage"),
            "generating_script video_generation 66");
  EXPECT_THAT(deliver({stage(held, "notification", "completed")}), ElementsAre(Verdict::applied));
  EXPECT_EQ(of(held, "status || ' ' || progress_percentage"), "generating_script 99");
}

TEST_F(ResultsDeliveries, SentAgainIsADuplicateAndChangesNothing) {
  const Held held = hold();
  const std::vector<Delivery> all{accepted(held), stage(held, "validation", "validating"), completed(held)};
  EXPECT_THAT(deliver(all), Each(Verdict::applied));
  const std::string before = dump();
  EXPECT_THAT(deliver(all), Each(Verdict::duplicate));
  EXPECT_EQ(dump(), before);
}

TEST_F(ResultsDeliveries, AreRememberedForAsLongAsAnybodySendsThemAgain) {
  const Held held = hold();
  const std::vector<Delivery> all{accepted(held), stage(held, "validation", "validating"), completed(held)};
  deliver(all);
  sql("UPDATE vividd.applied_delivery SET applied_at = now() - interval '91 days' WHERE kind <> 'final'");
  sql("UPDATE vividd.applied_delivery SET applied_at = now() - interval '89 days' WHERE kind = 'final'");
  sync::Session session = open();
  EXPECT_EQ(sync::prune_deliveries(session, 1).value_or(-1), 1);
  EXPECT_EQ(sync::prune_deliveries(session, 100).value_or(-1), 1);
  EXPECT_EQ(sync::prune_deliveries(session, 100).value_or(-1), 0);
  EXPECT_EQ(value("SELECT string_agg(kind, ' ') FROM vividd.applied_delivery"), "final");
}

TEST_F(ResultsDeliveries, TheSameTwiceInOneBatchCountsOnce) {
  const Held held = hold();
  EXPECT_THAT(deliver({completed(held), completed(held), stage(held, "validation", "validating")}),
              ElementsAre(Verdict::applied, Verdict::duplicate, Verdict::stale));
  EXPECT_EQ(value("SELECT count(*) FROM request_events WHERE event_type = 'request_completed'"), "1");
}

TEST_F(ResultsDeliveries, ALostFenceChangesNothingAtAll) {
  const Held lost = hold();
  EXPECT_THAT(deliver({accepted(lost)}), ElementsAre(Verdict::applied));
  const Held now = taken_over(lost);
  const std::string before = dump();
  EXPECT_THAT(
      deliver({stage(lost, "validation", "generating_video"),
               delivery(lost, "attempt", {{"attempt", 1}, {"error_message", "x"}}, "validation", 1), completed(lost)}),
      Each(Verdict::stale));
  EXPECT_THAT(deliver({accepted(lost)}), ElementsAre(Verdict::duplicate));
  EXPECT_EQ(dump(), before);
  EXPECT_THAT(deliver({completed(now)}), ElementsAre(Verdict::applied));
  const std::string after = dump();
  EXPECT_THAT(deliver({completed(lost)}), ElementsAre(Verdict::stale));
  EXPECT_EQ(dump(), after);
}

TEST_F(ResultsDeliveries, OldAndNewFenceInOneBatch) {
  const Held lost = hold();
  const Held now = taken_over(lost);
  EXPECT_THAT(deliver({completed(lost), accepted(now), completed(now)}),
              ElementsAre(Verdict::stale, Verdict::applied, Verdict::applied));
}

TEST_F(ResultsDeliveries, AReclaimBeginsTheStagesAnewButNotTheProgress) {
  const Held lost = hold();
  deliver({accepted(lost), stage(lost, "validation", "generating_video"),
           stage(lost, "video_generation", "processing_video")});
  EXPECT_EQ(of(lost, "progress_percentage"), "66");
  const Held now = taken_over(lost);
  deliver({accepted(now)});
  EXPECT_EQ(stage_of(now, "video_generation", "status || ' ' || (completed_at IS NULL) || ' ' || retry_count"),
            "pending true 0");
  deliver({stage(now, "validation", "validating")});
  EXPECT_EQ(of(now, "progress_percentage || ' ' || status"), "66 processing_video");
}

TEST_F(ResultsDeliveries, ARequestThatIsGoneIsUnknown) {
  Held held = hold();
  sql("DELETE FROM content_requests");
  EXPECT_THAT(deliver({completed(held)}), ElementsAre(Verdict::unknown));
  held.id = "0b5f6b8e-0000-4000-8000-000000000000";
  EXPECT_THAT(deliver({accepted(held)}), ElementsAre(Verdict::unknown));
}

TEST_F(ResultsDeliveries, ACancelledRequestNeverCompletes) {
  const Held held = hold();
  sql("UPDATE content_requests SET status = 'cancelled'");
  EXPECT_THAT(deliver({stage(held, "validation", "validating"), completed(held)}), Each(Verdict::stale));
  EXPECT_EQ(of(held, "status"), "cancelled");
  EXPECT_EQ(value("SELECT count(*) FROM content_metadata"), "0");
  EXPECT_EQ(value("SELECT count(*) FROM vividd.request_usage"), "0");
  EXPECT_EQ(value("SELECT usd FROM vividd.request_cost"), "0.010");  // spent all the same
  EXPECT_EQ(value("SELECT state FROM vividd.request_lease"), "finished");
  EXPECT_THAT(deliver({completed(held)}), ElementsAre(Verdict::stale));
  EXPECT_EQ(audit(), "");
}

TEST_F(ResultsDeliveries, ACancelledJobEndsItsRequest) {
  const Held by_platform = hold();
  sql("UPDATE content_requests SET status = 'cancelled', completed_at = '2026-01-01'");
  const Held by_operator = hold();
  const json body{{"status", "cancelled"}, {"at_us", 1}};
  deliver({accepted(by_operator)});
  EXPECT_THAT(deliver({delivery(by_platform, "final", body), delivery(by_operator, "final", body)}),
              Each(Verdict::applied));
  EXPECT_EQ(of(by_platform, "status || ' ' || completed_at"), "cancelled 2026-01-01 00:00:00");
  EXPECT_EQ(of(by_operator, "status"), "cancelled");
  EXPECT_EQ(audit(), "");
}

TEST_F(ResultsDeliveries, OfTwoSendersAtOnceOneApplies) {
  const Held held = hold();
  const std::vector<Delivery> all{accepted(held), stage(held, "validation", "validating"), completed(held)};
  // Holds the lease until both wait for it.
  sync::Session gate = open();
  ASSERT_TRUE(gate.run("BEGIN"));
  ASSERT_TRUE(gate.run("SELECT 1 FROM vividd.request_lease FOR UPDATE"));
  std::vector<Verdict> found[2];
  std::thread first([&] { found[0] = deliver(all); });
  std::thread second([&] { found[1] = deliver(all); });
  while (count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = "
               "'Lock'") < 2) {
    std::this_thread::yield();
  }
  ASSERT_TRUE(gate.run("COMMIT"));
  first.join();
  second.join();
  if (found[0].front() != Verdict::applied) std::swap(found[0], found[1]);
  EXPECT_THAT(found[0], Each(Verdict::applied));
  EXPECT_THAT(found[1], Each(Verdict::duplicate));
  EXPECT_EQ(audit(), "");
}

TEST_F(ResultsDeliveries, ALockThatIsHeldIsWaitedForAgain) {
  const Held held = hold();
  sync::SessionOptions impatient = session_options();
  impatient.lock_timeout = std::chrono::milliseconds(20);
  sync::Session session = open(impatient);
  sync::Session other = open();
  ASSERT_TRUE(other.run("BEGIN"));
  ASSERT_TRUE(other.run("SELECT 1 FROM content_requests FOR UPDATE"));
  const auto refused = sync::deliver(session, node(), {completed(held)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::resource_exhausted) << refused.error().message;
  ASSERT_TRUE(other.run("COMMIT"));
  EXPECT_THAT(deliver({completed(held)}), ElementsAre(Verdict::applied));
}

TEST_F(ResultsDeliveries, MoreThanABatch) {
  std::vector<Delivery> many;
  for (int i = 0; i < 3; ++i) {
    const Held held = hold();
    Delivery large = completed(held);
    large.seq = i;
    json body = completed_body();
    body["content"]["script_text"] = std::string(700'000, 'x');
    large.body = body.dump();
    many.push_back(large);
  }
  sync::Session session = open();
  const std::vector<Settled> settled = settle(session, many);
  ASSERT_EQ(settled.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(settled[static_cast<std::size_t>(i)].seq, i);
    EXPECT_EQ(settled[static_cast<std::size_t>(i)].verdict, Verdict::applied);
  }
}

}  // namespace
}  // namespace vivid::test
