#include <gmock/gmock.h>

#include <fstream>

#include "tests/integration/vividctl/fake_daemon.h"

namespace vivid::ctl::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kJob = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

Json summary(const std::string& state) {
  return {
      {"job", kJob},
      {"correlation_id", "req_test1"},
      {"class", "video"},
      {"priority", 5},
      {"state", state},
      {"stage", state == "running" ? "video_generation" : ""},
      {"attempt", 1},
      {"created_at", "2026-11-20T21:03:00.000Z"},
      {"started_at", "2026-11-20T21:03:01.000Z"},
      {"finished_at", state == "running" ? Json() : Json("2026-11-20T21:03:43.000Z")},
      {"error", state == "failed" ? Json{{"code", "silence"}, {"message", "no progress"}, {"stage", "audio"}} : Json()},
      {"progress", 40}};
}

class Vividctl : public ::testing::Test {
 protected:
  std::string write_file(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = daemon.folder() / name;
    std::ofstream(path) << content;
    return path;
  }
  void accept_submissions() {
    daemon.on("job.submit", [](const Call& call) {
      const Json params = call.params();
      const std::string id =
          params.contains("request") ? params["request"].value("request_id", "") : params.value("request_id", "");
      if (id == "test-smoke-002") {
        call.refuse("invalid_input", "request_id 'test-smoke-002' is not a UUID", -32602);
      } else {
        call.answer(
            {{"job", id}, {"created", true}, {"state", "queued"}, {"modalities", {"video"}}, {"path", "media"}});
      }
    });
  }
  FakeDaemon daemon;
};

TEST_F(Vividctl, SubmitsBareScriptAsInputWithIdOfItsOwn) {
  accept_submissions();
  const std::string script = R"({"title": "T", "sections": [{"title": "a", "content": "b"}]})";
  const Ran ran = run_vividctl(daemon, {"submit", write_file("s.json", script), "--priority", "8"});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  ASSERT_EQ(daemon.requests("job.submit").size(), 1);
  const Json params = daemon.requests("job.submit")[0];
  EXPECT_EQ(params["input"], script);
  EXPECT_EQ(params["priority"], 8);
  EXPECT_EQ(params["request_id"].get<std::string>().size(), 36);
  EXPECT_THAT(ran.out, HasSubstr(params["request_id"].get<std::string>()));
}

TEST_F(Vividctl, SubmitsRequestMessageFromStandardInputWithModalitiesReplaced) {
  accept_submissions();
  RunOptions options;
  options.input = R"({"request_id": "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01", "requested_modalities": ["video"]})";
  const Ran ran = run_vividctl(daemon, {"submit", "-", "--modalities", "text,audio", "--json"}, options);
  EXPECT_EQ(ran.exit, 0) << ran.error;
  EXPECT_EQ(daemon.requests("job.submit")[0]["request"]["requested_modalities"], Json({"text", "audio"}));
  EXPECT_EQ(Json::parse(ran.out)["job"], kJob);
}

TEST_F(Vividctl, SubmitsEveryLineAndReportsThePoisonOne) {
  accept_submissions();
  RunOptions options;
  options.input =
      "{\"request_id\": \"3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01\"}\n"
      "{\"request_id\": \"test-smoke-002\"}\nnot json\n"
      "{\"request_id\": \"3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a03\"}\n";
  const Ran ran = run_vividctl(daemon, {"submit", "-"}, options);
  EXPECT_EQ(ran.exit, 8);
  EXPECT_EQ(daemon.requests("job.submit").size(), 3);
  EXPECT_THAT(ran.out, HasSubstr("line 4"));
  EXPECT_THAT(ran.error, HasSubstr("line 2: request_id 'test-smoke-002' is not a UUID"));
  EXPECT_THAT(ran.error, HasSubstr("line 3 is not a JSON object"));
}

TEST_F(Vividctl, SubmitAgainWithTheSameIdAfterALostAnswer) {
  int calls = 0;
  daemon.on("job.submit", [&calls](const Call& call) {
    if (++calls == 1) return call.hang_up();
    call.answer({{"job", call.params()["request_id"]}, {"created", false}, {"state", "queued"}});
  });
  const Ran ran = run_vividctl(daemon, {"submit", write_file("s.txt", "prose ```json {} ```")});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  const auto requests = daemon.requests("job.submit");
  ASSERT_EQ(requests.size(), 2);
  EXPECT_EQ(requests[0], requests[1]);
}

TEST_F(Vividctl, SubmitWithWaitEndsAsTheJobDoes) {
  accept_submissions();
  daemon.on("job.show", [](const Call& call) { call.answer({{"job", summary("failed")}}); });
  daemon.on("watch", [](const Call& call) { call.answer({{"watching", true}}); });
  const std::string file = write_file("s.json", R"({"request_id": "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01"})");
  const Ran ran = run_vividctl(daemon, {"submit", file, "--wait"});
  EXPECT_EQ(ran.exit, 5);
  EXPECT_THAT(ran.out, HasSubstr("silence: no progress (audio)"));
}

TEST_F(Vividctl, SubmitWithWaitEndsWithWhereTheResultIs) {
  accept_submissions();
  daemon.on("job.show", [](const Call& call) {
    call.answer({{"job", summary("completed")},
                 {"files",
                  {{{"name", "text.md"}, {"uri", "file:///r/text.md"}},
                   {{"name", "video.mp4"}, {"uri", "file:///r/video.mp4"}}}},
                 {"warnings", {"the script is the template's"}}});
  });
  daemon.on("watch", [](const Call& call) { call.answer({{"watching", true}}); });
  const std::string file = write_file("s.json", R"({"request_id": "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01"})");
  const Ran ran = run_vividctl(daemon, {"submit", file, "--wait"});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  EXPECT_THAT(ran.out, HasSubstr("\n  file:///r/video.mp4\n  ▲ the script is the template's\n"));
}

TEST_F(Vividctl, SubmitSaysWhereATextAnswerIs) {
  daemon.on("job.submit", [](const Call& call) {
    call.answer({{"job", kJob}, {"created", true}, {"state", "completed"}, {"modalities", {"text"}}});
  });
  daemon.on("job.show", [](const Call& call) {
    call.answer({{"job", summary("completed")}, {"files", {{{"name", "text.md"}, {"uri", "file:///r/text.md"}}}}});
  });
  const Ran ran = run_vividctl(daemon, {"submit", write_file("s.txt", "{}")});
  EXPECT_THAT(ran.out, HasSubstr("\n  file:///r/text.md\n"));
}

TEST_F(Vividctl, ShowSaysThatAWaitingJobIsHeldUp) {
  daemon.on("job.show", [](const Call& call) { call.answer({{"job", summary("queued")}}); });
  daemon.on("job.list", [](const Call& call) { call.answer({{"jobs", {summary("queued")}}}); });
  daemon.on("status", [](const Call& call) { call.answer({{"paused_lanes", {"render"}}}); });
  EXPECT_THAT(run_vividctl(daemon, {"show", "3f0c"}).out, HasSubstr("paused: render"));
  EXPECT_EQ(run_vividctl(daemon, {"jobs"}).error, "paused: render\n");
}

TEST_F(Vividctl, ListsJobsAndPrintsIdsAlone) {
  daemon.on("job.list", [](const Call& call) { call.answer({{"jobs", {summary("running"), summary("failed")}}}); });
  const Ran human = run_vividctl(daemon, {"jobs", "--state", "running,failed", "--limit", "5"});
  EXPECT_EQ(human.exit, 0);
  EXPECT_THAT(human.out, HasSubstr("3f0c5a52"));
  EXPECT_THAT(human.out, HasSubstr("40%"));
  EXPECT_THAT(human.out, Not(HasSubstr("\x1b")));
  EXPECT_EQ(daemon.requests("job.list")[0], (Json{{"limit", 5}, {"states", {"running", "failed"}}}));
  const Ran ids = run_vividctl(daemon, {"jobs", "--ids"});
  EXPECT_EQ(ids.out, std::string(kJob) + "\n" + kJob + "\n");
}

TEST_F(Vividctl, ShowPrintsTheRawAnswerWithJson) {
  const Json shown{{"job", summary("completed")}, {"stages", Json::array()}, {"zeta", 1}, {"alpha", 2}};
  daemon.on("job.show", [&](const Call& call) { call.answer(shown); });
  const Ran ran = run_vividctl(daemon, {"show", "3f0c", "--json"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out, shown.dump() + "\n");
}

TEST_F(Vividctl, UnknownJobIsExitFour) {
  daemon.on("job.show", [](const Call& call) { call.refuse("not_found", "there is no job 'ffff'"); });
  const Ran ran = run_vividctl(daemon, {"show", "ffff"});
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.error, "vividctl: there is no job 'ffff'\n");
}

TEST_F(Vividctl, CancelsEachJobAndGoesOnAfterOneThatIsMissing) {
  daemon.on("job.cancel", [](const Call& call) {
    if (call.params()["job"] == "gone") return call.refuse("not_found", "no such job");
    call.answer({{"outcome", "cancel_requested"}});
  });
  const Ran ran = run_vividctl(daemon, {"cancel", "gone", "3f0c5a52"});
  EXPECT_EQ(ran.exit, 4);
  EXPECT_THAT(ran.out, HasSubstr("3f0c5a52  is running; it is being stopped"));
  EXPECT_THAT(ran.error, HasSubstr("gone: no such job"));
}

TEST_F(Vividctl, WaitTellsFailedCancelledAndTimedOutApart) {
  for (const auto& [state, exit] : {std::pair{"completed", 0}, {"failed", 5}, {"quarantined", 5}, {"cancelled", 6}}) {
    daemon.on("job.wait", [state = std::string(state)](const Call& call) { call.answer(summary(state)); });
    EXPECT_EQ(run_vividctl(daemon, {"wait", "3f0c5a52"}).exit, exit) << state;
  }
  daemon.on("job.wait", [](const Call& call) { call.answer({{"timed_out", true}}); });
  EXPECT_EQ(run_vividctl(daemon, {"wait", "3f0c5a52", "--timeout", "1ms"}).exit, 7);
}

TEST_F(Vividctl, DeadLettersAreListedAndRequeued) {
  daemon.on("dead.list", [](const Call& call) { call.answer({{"jobs", {summary("failed")}}}); });
  daemon.on("dead.requeue", [](const Call& call) { call.answer({{"requeued", 3}}); });
  EXPECT_THAT(run_vividctl(daemon, {"dead", "list"}).out, HasSubstr("silence: no progress"));
  EXPECT_EQ(run_vividctl(daemon, {"dead", "requeue", "--all"}).out, "3 jobs are waiting again\n");
  EXPECT_EQ(daemon.requests("dead.requeue")[0], (Json{{"all", true}}));
  EXPECT_EQ(run_vividctl(daemon, {"dead", "requeue"}).exit, 2);
}

TEST_F(Vividctl, LogsAreReadableAndHarmless) {
  const Json line{{"time", "2026-11-20T21:03:04.123Z"},
                  {"level", "info"},
                  {"message", "stage \x1b[31mfinished"},
                  {"job", kJob},
                  {"stage", "render"},
                  {"reason", "not \"that\" one"},
                  {"seconds", 4.2}};
  daemon.on("job.logs", [&](const Call& call) { call.answer({{"lines", {line}}}); });
  EXPECT_EQ(run_vividctl(daemon, {"logs", "3f0c"}).out,
            "21:03:04.123  info     stage  [31mfinished  stage=render reason=\"not \\\"that\\\" one\" seconds=4.2\n");
  EXPECT_EQ(run_vividctl(daemon, {"logs", "3f0c", "--json"}).out, line.dump() + "\n");
}

TEST_F(Vividctl, ProfileWritesATraceFile) {
  daemon.on("job.profile", [](const Call& call) {
    call.answer({{"job", kJob},
                 {"total_seconds", 10.0},
                 {"stages",
                  {{{"stage", "video_generation"},
                    {"attempt", 1},
                    {"queued_seconds", 1.0},
                    {"start_seconds", 1.0},
                    {"seconds", 9.0},
                    {"outcome", "completed"},
                    {"steps", {{{"name", "encode"}, {"start_seconds", 0.5}, {"seconds", 8.0}}}}}}}});
  });
  const std::filesystem::path trace = daemon.folder() / "trace.json";
  const Ran ran = run_vividctl(daemon, {"profile", "3f0c", "--trace", trace});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  EXPECT_THAT(ran.out, HasSubstr("video_generation"));
  EXPECT_THAT(ran.out, HasSubstr("90%"));
  std::ifstream file(trace);
  EXPECT_EQ(Json::parse(file)["traceEvents"].size(), 6);
}

TEST_F(Vividctl, SteersTheDaemon) {
  daemon.on("pause", [](const Call& call) { call.answer({{"paused_lanes", {"render"}}}); });
  daemon.on("resume", [](const Call& call) { call.answer({{"paused_lanes", Json::array()}}); });
  daemon.on("drain", [](const Call& call) { call.answer({{"running", 1}}); });
  daemon.on("reload", [](const Call& call) {
    call.answer({{"changed", {"log.level"}}, {"needs_restart", {"http.port"}}});
  });
  EXPECT_EQ(run_vividctl(daemon, {"pause", "render"}).out, "paused: render\n");
  EXPECT_EQ(daemon.requests("pause")[0], (Json{{"lane", "render"}}));
  EXPECT_EQ(run_vividctl(daemon, {"pause"}).out, "paused: every lane\n");
  EXPECT_EQ(run_vividctl(daemon, {"resume"}).out, "no lane is paused\n");
  EXPECT_EQ(daemon.requests("resume")[0], Json::object());
  const std::string drained = run_vividctl(daemon, {"drain", "--stop"}).out;
  EXPECT_THAT(drained, HasSubstr("nothing new is started; 1 stage still running; vividd ends after that"));
  EXPECT_THAT(drained, HasSubstr("shutdown.drain_limit"));
  EXPECT_EQ(run_vividctl(daemon, {"reload"}).out, "changed: log.level\nafter a restart only: http.port\n");
}

}  // namespace
}  // namespace vivid::ctl::test
