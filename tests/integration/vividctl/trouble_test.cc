#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <csignal>
#include <fstream>

#include "tests/integration/vividctl/fake_daemon.h"

namespace vivid::ctl::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* kJob = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

Json progress(const std::string& state, double fraction) {
  return {{"job", kJob},
          {"state", state},
          {"stage", "video_generation"},
          {"fraction", fraction},
          {"frames_done", 900},
          {"frames_total", 1800},
          {"fps", 84.2},
          {"remaining_seconds", 10.4},
          {"attempt", 1}};
}

Json shown(const std::string& state) { return {{"job", {{"job", kJob}, {"state", state}, {"class", "video"}}}}; }

TEST(VividctlTrouble, NoDaemonIsSaidInPlainWords) {
  FakeDaemon daemon;
  daemon.stop();
  const Ran ran = run_vividctl(daemon, {"status"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.error, HasSubstr("there is no " + daemon.socket_path()));
  EXPECT_THAT(ran.error, HasSubstr("--socket PATH or VIVIDCTL_SOCKET"));
}

TEST(VividctlTrouble, FileThatIsNoSocketAndSocketOfNobodyAreToldApart) {
  FakeDaemon daemon;
  daemon.stop();
  std::ofstream(daemon.socket_path()) << "no socket";
  EXPECT_THAT(run_vividctl(daemon, {"status"}).error, HasSubstr(daemon.socket_path() + " is no socket"));
  std::filesystem::remove(daemon.socket_path());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  daemon.socket_path().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const UniqueFd left_behind(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(left_behind.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  const Ran ran = run_vividctl(daemon, {"status"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.error, HasSubstr("nobody listens at " + daemon.socket_path()));
}

TEST(VividctlTrouble, ProblemsAreListedALineEach) {
  FakeDaemon daemon;
  daemon.on("reload", [](const Call& call) {
    call.refuse("invalid_input", "2 problems:\n  http.port: is 0\n  log.level:\x1b is loud");
  });
  const Ran ran = run_vividctl(daemon, {"reload"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.error, "vividctl: 2 problems:\n  http.port: is 0\n  log.level:  is loud\n");
}

TEST(VividctlTrouble, WrongNamesAreWrongUsage) {
  FakeDaemon daemon;
  const auto refuse = [](const Call& call) { call.refuse("invalid_input", "not that one", -32602); };
  for (const char* method : {"pause", "job.show", "job.submit"}) daemon.on(method, refuse);
  EXPECT_EQ(run_vividctl(daemon, {"pause", "tape"}).exit, 2);
  EXPECT_EQ(run_vividctl(daemon, {"show", "3f"}).exit, 2);
  RunOptions options;
  options.input = "{}";
  EXPECT_EQ(run_vividctl(daemon, {"submit", "-"}, options).exit, 8);
}

TEST(VividctlTrouble, WaitGoesOnThroughADaemonThatStops) {
  FakeDaemon daemon;
  int asked = 0;
  daemon.on("job.wait", [&](const Call& call) {
    if (++asked == 1) return call.refuse("unavailable", "vividd is stopping");
    call.answer({{"job", kJob}, {"state", "completed"}});
  });
  const Ran ran = run_vividctl(daemon, {"wait", kJob});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  EXPECT_EQ(asked, 2);
  daemon.on("job.wait", [](const Call& call) { call.refuse("unavailable", "vividd is stopping"); });
  EXPECT_EQ(run_vividctl(daemon, {"wait", kJob, "--reconnect", "50ms"}).exit, 1);
}

TEST(VividctlTrouble, WaitTellsOfAllJobsThoughOneIsUnknown) {
  FakeDaemon daemon;
  daemon.on("job.wait", [](const Call& call) {
    if (call.params()["job"] == "gone") return call.refuse("not_found", "there is no job gone");
    call.answer({{"job", call.params()["job"]}, {"state", "completed"}});
  });
  const Ran ran = run_vividctl(daemon, {"wait", "aaaa", "gone", "bbbb"});
  EXPECT_EQ(ran.exit, 4);
  EXPECT_THAT(ran.out, HasSubstr("bbbb  completed"));
  EXPECT_THAT(ran.error, HasSubstr("gone: there is no job gone"));
}

TEST(VividctlTrouble, InterruptedWaitSaysThatTheJobGoesOn) {
  FakeDaemon daemon;
  daemon.on("job.wait", [](const Call& call) { call.signal_client(SIGINT); });
  const Ran ran = run_vividctl(daemon, {"wait", kJob});
  EXPECT_EQ(ran.exit, 130);
  EXPECT_EQ(ran.error, "\nthe job goes on; vividctl watch " + std::string(kJob) + "\n");
  EXPECT_EQ(run_vividctl(daemon, {"wait", kJob, "--json"}).error, "");
}

TEST(VividctlTrouble, ErrorsAreJsonWhenAskedFor) {
  FakeDaemon daemon;
  daemon.stop();
  const Ran ran = run_vividctl(daemon, {"--json", "status"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(Json::parse(ran.error)["error"]["code"], "unavailable");
  EXPECT_EQ(Json::parse(ran.error)["exit"], 3);
}

TEST(VividctlTrouble, SilentDaemonIsGivenUpAfterTheTimeout) {
  FakeDaemon daemon;
  daemon.on("ping", [](const Call&) {});
  const Ran ran = run_vividctl(daemon, {"ping", "--timeout", "50ms"});
  EXPECT_EQ(ran.exit, 7);
  EXPECT_THAT(ran.error, HasSubstr("did not answer 'ping' within 50ms"));
}

TEST(VividctlTrouble, DaemonThatDiesInTheMiddleOfAnAnswer) {
  FakeDaemon daemon;
  daemon.on("status", [](const Call& call) {
    call.send_raw(R"({"jsonrpc": "2.0", "id": 1, "resu)");
    call.hang_up();
  });
  const Ran ran = run_vividctl(daemon, {"status"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.error, HasSubstr("closed the connection"));
}

TEST(VividctlTrouble, NonsenseIsRefusedNotBelieved) {
  FakeDaemon daemon;
  for (const std::string& bytes :
       {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("[1,2]\n"), std::string("\xff\xfe\n"),
        std::string("{\"id\": 1}\n"), std::string(100'000, '[') + "\n"}) {
    daemon.on("status", [&](const Call& call) { call.send_raw(bytes); });
    const Ran ran = run_vividctl(daemon, {"status"});
    EXPECT_EQ(ran.exit, 1) << bytes.substr(0, 40);
    EXPECT_THAT(ran.error, HasSubstr("the answer from"));
  }
}

TEST(VividctlTrouble, FieldsOfOtherTypesAreNoReasonToFall) {
  FakeDaemon daemon;
  const Json odd{{"version", 7},
                 {"jobs", "many"},
                 {"lanes", {{"lane", 1}}},
                 {"workers", {1, nullptr, {{"pid", "x"}}}},
                 {"disk_free_bytes", 1e300},
                 {"text", nullptr}};
  daemon.on("status", [&](const Call& call) { call.answer(odd); });
  EXPECT_EQ(run_vividctl(daemon, {"status"}).exit, 0);
  daemon.on("job.show", [&](const Call& call) {
    call.answer({{"job", {1}}, {"stages", {1, {{"name", nullptr}}}}, {"files", 3}, {"warnings", {{{"a", 1}}}}});
  });
  EXPECT_EQ(run_vividctl(daemon, {"show", "abcd"}).exit, 0);
}

TEST(VividctlTrouble, AnswerInSmallPiecesIsPutTogether) {
  FakeDaemon daemon;
  daemon.on("ping", [](const Call& call) {
    const std::string line = R"({"jsonrpc": "2.0", "id": 1, "result": {"version": "9.9", "host": "ñandú"}})"
                             "\n";
    for (const char byte : line) call.send_raw(std::string(1, byte));
  });
  const Ran ran = run_vividctl(daemon, {"ping"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.out, HasSubstr("vividd 9.9 answers"));
  EXPECT_THAT(ran.out, HasSubstr("on ñandú"));
}

TEST(VividctlTrouble, UnknownMethodNamesTheVersionAsTheReason) {
  FakeDaemon daemon;
  const Ran ran = run_vividctl(daemon, {"reload"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.error, HasSubstr("another version"));
}

TEST(VividctlTrouble, ClosedOutputEndsQuietly) {
  FakeDaemon daemon;
  daemon.on("watch", [](const Call& call) {
    call.answer({{"watching", true}});
    call.notify(progress("running", 0.5));
  });
  daemon.on("job.list", [](const Call& call) { call.answer({{"jobs", Json::array()}}); });
  RunOptions options;
  options.close_output = true;
  const Ran ran = run_vividctl(daemon, {"watch", "--json"}, options);
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.error, "");
}

TEST(VividctlWatch, PrintsPlainLinesWhenPipedAndEndsWithTheJob) {
  FakeDaemon daemon;
  std::string state = "running";
  daemon.on("job.show", [&](const Call& call) { call.answer(shown(state)); });
  daemon.on("watch", [&](const Call& call) {
    call.answer({{"watching", true}});
    call.notify(progress("running", 0.50));
    call.notify(progress("running", 0.51));
    call.notify(progress("running", 0.60));
    state = "completed";
    call.notify(progress("completed", 1.0));
  });
  const Ran ran = run_vividctl(daemon, {"watch", "3f0c"});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  EXPECT_EQ(daemon.requests("watch")[0], (Json{{"job", kJob}}));
  EXPECT_EQ(ran.out.find("51%"), std::string::npos) << ran.out;
}

TEST(VividctlWatch, SaysOnceThatAJobWaitsAndWhy) {
  FakeDaemon daemon;
  std::string state = "queued";
  daemon.on("job.show", [&](const Call& call) { call.answer(shown(state)); });
  daemon.on("status", [](const Call& call) { call.answer({{"paused_lanes", {""}}}); });
  daemon.on("watch", [&](const Call& call) {
    call.answer({{"watching", true}});
    call.notify({{"job", kJob}, {"state", "queued"}, {"stage", "audio_synthesis"}, {"attempt", 1}});
    call.notify(progress("completed", 1.0));
  });
  const Ran ran = run_vividctl(daemon, {"watch", kJob});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  EXPECT_EQ(ran.out.find("queued"), ran.out.rfind("queued")) << ran.out;
  EXPECT_THAT(ran.error, HasSubstr("paused: every lane"));
}

TEST(VividctlWatch, DrawsBarsOnATerminal) {
  FakeDaemon daemon;
  std::string state = "running";
  daemon.on("job.show", [&](const Call& call) { call.answer(shown(state)); });
  daemon.on("watch", [&](const Call& call) {
    call.answer({{"watching", true}});
    call.notify(progress("running", 0.50));
    call.notify(progress("failed", 0.50));
  });
  RunOptions options;
  options.terminal = true;
  const Ran ran = run_vividctl(daemon, {"watch", "3f0c"}, options);
  EXPECT_EQ(ran.exit, 5) << ran.error;
  EXPECT_THAT(ran.out, HasSubstr("━━━━"));
  EXPECT_THAT(ran.out, HasSubstr("900/1,800 frames"));
  EXPECT_THAT(ran.out, HasSubstr("84 fps"));
  EXPECT_THAT(ran.out, HasSubstr("11s left"));
  EXPECT_THAT(ran.out, HasSubstr("\x1b[1A"));
}

TEST(VividctlWatch, SurvivesARestartOfTheDaemon) {
  FakeDaemon daemon;
  std::string state = "running";
  int watches = 0;
  daemon.on("job.show", [&](const Call& call) { call.answer(shown(state)); });
  daemon.on("watch", [&](const Call& call) {
    call.answer({{"watching", true}});
    if (++watches == 1) {
      call.notify(progress("running", 0.5));
      call.hang_up();
      // What happened while nobody listened is found by asking.
      state = "completed";
    }
  });
  const Ran ran = run_vividctl(daemon, {"watch", kJob});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  EXPECT_EQ(watches, 2);
  EXPECT_THAT(ran.error, HasSubstr("waiting for it to come back"));
  EXPECT_THAT(ran.out, HasSubstr("3f0c5a52  completed"));
}

TEST(VividctlWatch, GivesUpOnADaemonThatStaysAway) {
  FakeDaemon daemon;
  daemon.on("job.show", [](const Call& call) { call.answer(shown("running")); });
  daemon.on("watch", [](const Call& call) { call.answer({{"watching", true}}); });
  RunOptions options;
  options.while_running = [&] {
    while (daemon.requests("job.show").size() < 2) std::this_thread::yield();
    daemon.stop();
  };
  const Ran ran = run_vividctl(daemon, {"watch", kJob, "--reconnect", "200ms"}, options);
  EXPECT_EQ(ran.exit, 3);
}

TEST(VividctlWatch, PrintsEveryNotificationAsJson) {
  FakeDaemon daemon;
  daemon.on("job.list", [](const Call& call) { call.answer({{"jobs", Json::array()}}); });
  daemon.on("watch", [](const Call& call) {
    call.answer({{"watching", true}});
    call.notify(progress("running", 0.25));
    call.notify(progress("completed", 1.0));
  });
  RunOptions options;
  options.while_running = [&] {
    while (daemon.requests("job.list").empty()) std::this_thread::yield();
    daemon.stop();
  };
  const Ran ran = run_vividctl(daemon, {"watch", "--json", "--reconnect", "1ms"}, options);
  EXPECT_EQ(ran.out, progress("running", 0.25).dump() + "\n" + progress("completed", 1.0).dump() + "\n");
}

}  // namespace
}  // namespace vivid::ctl::test
