// Progress of running requests: fenced, and forwards only.
#include "sync/central/results/progress.h"

#include "tests/integration/central/results_fixture.h"

namespace vivid::test {
namespace {

class ResultsProgress : public ResultsTest {
 protected:
  static sync::ProgressNote note(const Held& held, int percent, const std::string& stage = "video_generation",
                                 const std::string& status = "generating_video", int attempt = 1) {
    return {held.id, held.fence, stage, status, attempt, WallTime(std::chrono::seconds(1'700'000'000)), percent};
  }
  void publish(const std::vector<sync::ProgressNote>& notes) {
    sync::Session session = open();
    const Status published = sync::publish_progress(session, notes);
    EXPECT_TRUE(published) << published.error().message;
  }
  std::string state(const Held& held) {
    return of(held, "status || ' ' || current_stage || ' ' || progress_percentage");
  }
};

TEST_F(ResultsProgress, GoesForwardsOnly) {
  const Held held = hold();
  publish({note(held, 40)});
  EXPECT_EQ(state(held), "generating_video video_generation 40");
  publish({note(held, 30, "video_generation", "validating")});
  EXPECT_EQ(state(held), "generating_video video_generation 40");
  publish({note(held, 150, "video_processing", "processing_video")});
  EXPECT_EQ(state(held), "processing_video video_processing 99");
}

TEST_F(ResultsProgress, AStageBeginsWithItsFirstNote) {
  const Held held = hold();
  publish({note(held, 40)});
  EXPECT_EQ(stage_of(held, "video_generation", "status || ' ' || started_at || ' ' || stage_order"),
            "in_progress 2023-11-14 22:13:20 4");
  EXPECT_EQ(of(held, "progress_percentage"), "40");  // the trigger on request_stages makes it 0
}

TEST_F(ResultsProgress, WhatIsNotNewWritesNothing) {
  const Held held = hold();
  publish({note(held, 40)});
  const std::string rows =
      "SELECT r.xmin || ' ' || s.xmin FROM content_requests r JOIN request_stages s ON s.request_id = r.id";
  const std::string before = value(rows);
  publish({note(held, 40)});
  EXPECT_EQ(value(rows), before);
}

TEST_F(ResultsProgress, AStagesResultOutlivesALateNote) {
  const Held held = hold();
  deliver({accepted(held)});
  publish({note(held, 40)});
  deliver({stage(held, "video_generation", "generating_video")});
  publish({note(held, 41)});
  EXPECT_EQ(stage_of(held, "video_generation", "status"), "completed");
  EXPECT_EQ(of(held, "progress_percentage"), "41");
}

TEST_F(ResultsProgress, AStageThatRunsGoesOnWhenItsAcceptanceArrivesLate) {
  const Held held = hold();
  publish({note(held, 40)});
  deliver({accepted(held)});
  EXPECT_EQ(stage_of(held, "video_generation", "status || ' ' || started_at"), "in_progress 2023-11-14 22:13:20");
  EXPECT_EQ(stage_of(held, "audio_synthesis", "status"), "skipped");
  // Of another claim's it is not known whether it still runs.
  const Held later = taken_over(held, "node-b");
  deliver({accepted(later)});
  EXPECT_EQ(stage_of(held, "video_generation", "status || COALESCE(started_at::text, '')"), "pending");
}

TEST_F(ResultsProgress, AfterAFailedAttemptTheNextOneRuns) {
  const Held held = hold();
  deliver({accepted(held)});
  publish({note(held, 40)});
  deliver({delivery(held, "attempt", {{"attempt", 1}, {"error_code", "silence"}, {"error_message", "m"}},
                    "video_generation", 1)});
  publish({note(held, 40)});
  EXPECT_EQ(stage_of(held, "video_generation", "status"), "pending");
  publish({note(held, 40, "video_generation", "generating_video", 2)});
  EXPECT_EQ(stage_of(held, "video_generation", "status || ' ' || retry_count"), "in_progress 1");
}

TEST_F(ResultsProgress, ALostFenceAFinalAndAnUnknownRequestChangeNothing) {
  const Held lost = hold();
  taken_over(lost);
  const Held over = hold();
  deliver({completed(over)});
  const Held cancelled = hold();
  sql("UPDATE content_requests SET status = 'cancelled' WHERE id = '" + cancelled.id + "'");
  const std::string before = dump();
  publish({note(lost, 50), note(over, 50), note(cancelled, 50), note({"0b5f6b8e-0000-4000-8000-000000000000", 1}, 50)});
  EXPECT_EQ(dump(), before);
}

TEST_F(ResultsProgress, OfTwoNotesTheLaterCounts) {
  const Held held = hold();
  publish({note(held, 40), note(held, 60, "video_processing", "processing_video")});
  EXPECT_EQ(state(held), "processing_video video_processing 60");
  publish({});
}

TEST_F(ResultsProgress, OtherWritersKeepTheirTrigger) {
  const Held held = hold();
  sql("INSERT INTO request_stages (request_id, stage_name, stage_order, status) VALUES ('" + held.id +
      "', 'validation', 1, 'completed'), ('" + held.id + "', 'rag_retrieval', 2, 'in_progress')");
  EXPECT_EQ(of(held, "progress_percentage || ' ' || current_stage"), "50 rag_retrieval");
}

}  // namespace
}  // namespace vivid::test
