// What an operator sees and sets: hooks, metrics, vividctl, the outbox, readiness.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/uuid.h"
#include "tests/e2e/daemon_process.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;

struct Ran {
  int status = -1;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> piece{};
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), pipe)) {
    ran.output.append(piece.data(), count);
  }
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

json stage_of(const json& shown, const std::string& name) {
  for (const json& stage : shown["stages"]) {
    if (stage["name"] == name) return stage;
  }
  return nullptr;
}

std::string finished_audio(DaemonProcess& daemon) {
  const std::string id = Uuid::random().to_text();
  daemon.client().result("job.submit", {{"request", request(id, short_script(), {"audio"})}});
  EXPECT_EQ(daemon.wait_for_end(id)["state"], "completed");
  return id;
}

// Polls until it is true, for up to a minute.
template <typename Condition>
bool eventually(Condition condition) {
  for (int tries = 0; tries < 1200; ++tries) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

TEST(Operation, FailingHookFailsItsStageAndNotTheJob) {
  DaemonProcess daemon;
  daemon.write_config("notify: {command: [/bin/sh, -c, 'echo the hook is unhappy; exit 4']}\n");
  daemon.start();
  const std::string job = finished_audio(daemon);
  const json shown = daemon.client().result("job.show", {{"job", job}});
  EXPECT_EQ(stage_of(shown, "notification")["state"], "failed");
  EXPECT_EQ(stage_of(shown, "notification")["attempts"], 3);
  const std::string message = stage_of(shown, "notification")["error"]["message"];
  EXPECT_NE(message.find("status 4: the hook is unhappy"), std::string::npos) << message;
  EXPECT_NE(shown["warnings"].dump().find("the hook is unhappy"), std::string::npos) << shown["warnings"];
}

TEST(Operation, HookHearsOfTheResult) {
  DaemonProcess daemon;
  const std::string heard = (daemon.folder() / "heard").string();
  daemon.write_config("notify: {command: [/bin/sh, -c, 'cat > " + heard + "']}\n");
  daemon.start();
  const std::string job = finished_audio(daemon);
  const json told = json::parse(run("cat " + heard).output, nullptr, false);
  ASSERT_TRUE(told.is_object());
  EXPECT_EQ(told["job"], job);
  EXPECT_GE(told["files"].size(), 1U);
}

TEST(Operation, OutboxIsAcknowledgedWhenThereIsNobodyToTell) {
  DaemonProcess daemon;
  daemon.start();
  finished_audio(daemon);
  auto control = daemon.client();
  EXPECT_TRUE(eventually([&] { return control.result("status", json::object())["outbox_rows"] == 0; }));
}

TEST(Operation, MetricsPassPromtoolWhileAJobRuns) {
  if (run("command -v promtool && command -v curl").status != 0) GTEST_SKIP() << "promtool or curl is not installed";
  DaemonProcess daemon;
  daemon.render_at(Pace::minutes);
  daemon.start();
  auto control = daemon.client();
  const std::string job = Uuid::random().to_text();
  control.result("job.submit", {{"request", request(job, long_script(), {"video"})}});
  ASSERT_NE(daemon.wait_for_stage(job, "video_generation"), 0);
  const std::string http = control.result("status", json::object())["http"];
  const Ran checked = run("curl -sS http://" + http + "/metrics | promtool check metrics");
  EXPECT_EQ(checked.status, 0) << checked.output;
  EXPECT_EQ(run("curl -sS -o /dev/null -w '%{http_code}' http://" + http + "/readyz").output, "200");
}

TEST(Operation, CheckConfigFindsADatabaseUrlThatCannotBeRead) {
  const Ran ran = run("VIVIDD_CENTRAL_DATABASE='postgresql://u:hush@db/v?nonsense=1' " + std::string(VIVID_BINARY_DIR) +
                      "/bin/vividd --check-config 2>&1");
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.output.find("central.database: "), std::string::npos) << ran.output;
  EXPECT_NE(ran.output.find("nonsense"), std::string::npos) << ran.output;
  EXPECT_EQ(ran.output.find("hush"), std::string::npos) << ran.output;
}

TEST(Operation, VividctlShowsTheDaemonAndItsJobs) {
  DaemonProcess daemon;
  daemon.start();
  const std::string job = finished_audio(daemon);
  const std::string ctl = std::string(VIVID_BINARY_DIR) + "/bin/vividctl --socket " +
                          (daemon.folder() / "control.sock").string() + " --json ";
  for (const std::string& command : {std::string("status"), std::string("jobs"), "show " + job, "profile " + job}) {
    const Ran ran = run(ctl + command);
    EXPECT_EQ(ran.status, 0) << command << ": " << ran.output;
    EXPECT_FALSE(json::parse(ran.output, nullptr, false).is_discarded()) << command << ": " << ran.output;
  }
  const Ran logs = run(ctl + "logs " + job);
  EXPECT_EQ(logs.status, 0) << logs.output;
  EXPECT_NE(logs.output.find("stage completed"), std::string::npos) << logs.output;
  EXPECT_NE(run(ctl + "show " + Uuid::random().to_text()).status, 0);
}

TEST(Operation, WorkerThatVanishesEndsReadinessAndCostsNoAttempt) {
  DaemonProcess daemon;
  const auto worker = daemon.folder() / "worker";
  std::filesystem::create_symlink(std::string(VIVID_BINARY_DIR) + "/bin/vivid-render", worker);
  daemon.set("VIVIDD_PATHS_WORKER", worker.string());
  daemon.start();
  auto control = daemon.client();
  std::filesystem::remove(worker);
  const std::string job = Uuid::random().to_text();
  control.result("job.submit", {{"request", request(job, short_script(), {"audio"})}});
  const std::string http = control.result("status", json::object())["http"];
  EXPECT_TRUE(eventually([&] {
    return run("curl -sS http://" + http + "/readyz").output.find("workers do not start") != std::string::npos;
  }));
  std::filesystem::create_symlink(std::string(VIVID_BINARY_DIR) + "/bin/vivid-render", worker);
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
  EXPECT_EQ(stage_of(control.result("job.show", {{"job", job}}), "audio_synthesis")["attempts"], 1);
}

}  // namespace
}  // namespace vivid::e2e
