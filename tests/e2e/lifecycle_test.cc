// Cancel, drain, stop and start again.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "base/uuid.h"
#include "tests/e2e/daemon_process.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;

std::string submit(DaemonProcess& daemon, const json& script) {
  const std::string id = Uuid::random().to_text();
  daemon.client().result("job.submit", {{"request", request(id, script, {"video"})}});
  return id;
}

TEST(Lifecycle, RunningJobIsCancelled) {
  DaemonProcess daemon;
  daemon.render_at(Pace::minutes);
  daemon.start();
  const std::string job = submit(daemon, long_script());
  const pid_t worker = daemon.wait_for_stage(job, "video_generation");
  ASSERT_NE(worker, 0);
  EXPECT_EQ(daemon.client().result("job.cancel", {{"job", job}})["outcome"], "cancel_requested");
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "cancelled");
  EXPECT_NE(::kill(worker, 0), 0);
}

TEST(Lifecycle, StopLetsTheStageEndWithinTheLimit) {
  DaemonProcess daemon;
  daemon.render_at(Pace::seconds);
  daemon.set("VIVIDD_SHUTDOWN_DRAIN_LIMIT", "5m");
  daemon.start();
  const std::string job = submit(daemon, long_script());
  ASSERT_NE(daemon.wait_for_stage(job, "video_generation"), 0);
  EXPECT_EQ(daemon.end_with(SIGTERM), 0);
  EXPECT_NE(daemon.log().find("stage completed"), std::string::npos);
  EXPECT_EQ(daemon.log().find("stage given back"), std::string::npos);
  daemon.start();
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
}

TEST(Lifecycle, StopGivesTheStageBackAtTheLimitAndTheNextDaemonFinishesIt) {
  DaemonProcess daemon;
  daemon.render_at(Pace::minutes);
  daemon.set("VIVIDD_SHUTDOWN_DRAIN_LIMIT", "100ms");
  daemon.set("VIVIDD_WORKERS_GRACE", "50ms");
  daemon.start();
  const std::string job = submit(daemon, long_script());
  const pid_t worker = daemon.wait_for_stage(job, "video_generation");
  ASSERT_NE(worker, 0);
  EXPECT_EQ(daemon.end_with(SIGTERM), 0);
  EXPECT_NE(::kill(worker, 0), 0);
  daemon.render_at(Pace::moments);
  daemon.start();
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
  const json shown = daemon.client().result("job.show", {{"job", job}});
  for (const json& stage : shown["stages"]) {
    // The attempt that was given back does not count.
    if (stage["name"] == "video_generation") {
      EXPECT_EQ(stage["attempts"], 1);
    }
  }
}

TEST(Lifecycle, DrainingTakesNothingNewAndDrainWithStopEndsTheDaemon) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  control.result("drain", {{"stop", false}});
  EXPECT_EQ(control.result("status", json::object())["state"], "draining");
  const json refused =
      control.call("job.submit", {{"request", request(Uuid::random().to_text(), short_script(), {"video"})}});
  EXPECT_EQ(refused["error"]["data"]["code"], "unavailable");
  control.result("drain", {{"stop", true}});
  EXPECT_EQ(daemon.end_with(0), 0);
}

TEST(Lifecycle, SecondStopDoesNotWaitForTheStage) {
  DaemonProcess daemon;
  daemon.render_at(Pace::minutes);
  daemon.set("VIVIDD_SHUTDOWN_DRAIN_LIMIT", "10m");
  daemon.start();
  const std::string job = submit(daemon, long_script());
  const pid_t worker = daemon.wait_for_stage(job, "video_generation");
  ASSERT_NE(worker, 0);
  ::kill(daemon.pid(), SIGTERM);
  EXPECT_TRUE(daemon.wait_for_log("\"stopping\""));
  EXPECT_EQ(daemon.end_with(SIGTERM), 0);
  EXPECT_NE(daemon.log().find("told to stop again"), std::string::npos);
  EXPECT_NE(daemon.log().find("stage given back"), std::string::npos);
  EXPECT_NE(::kill(worker, 0), 0);
}

TEST(Lifecycle, DrainAskedForWhileStoppingDoesNotKeepTheDaemonFromEnding) {
  DaemonProcess daemon;
  daemon.render_at(Pace::minutes);
  daemon.set("VIVIDD_SHUTDOWN_DRAIN_LIMIT", "3s");
  daemon.set("VIVIDD_WORKERS_GRACE", "300ms");
  daemon.start();
  const std::string job = submit(daemon, long_script());
  ASSERT_NE(daemon.wait_for_stage(job, "video_generation"), 0);
  auto control = daemon.client();
  control.result("drain", {{"stop", true}});
  control.result("drain", {{"stop", false}});
  EXPECT_EQ(daemon.end_with(0), 0);
}

TEST(Lifecycle, ResumeUndoesADrain) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  control.result("drain", {{"stop", false}});
  EXPECT_EQ(control.result("status", json::object())["state"], "draining");
  control.result("resume", json::object());
  EXPECT_EQ(control.result("status", json::object())["state"], "running");
  EXPECT_EQ(daemon.wait_for_end(submit(daemon, short_script()))["state"], "completed");
}

TEST(Lifecycle, CancelledWaitingJobIsOverForAllAndGoesOnWhenRetried) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  control.result("pause", {{"lane", "render"}});
  const std::string job = submit(daemon, short_script());
  ASSERT_TRUE(daemon.wait_until_before(job, "video_generation"));
  EXPECT_EQ(control.result("job.cancel", {{"job", job}})["outcome"], "cancelled");
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "cancelled");
  EXPECT_NE(daemon.log().find("job ended"), std::string::npos);
  control.result("resume", {{"lane", "render"}});
  control.result("job.retry", {{"job", job}});
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
  int syntheses = 0;
  const json shown = control.result("job.show", {{"job", job}});
  for (const json& attempt : shown["attempts"]) syntheses += attempt["stage"] == "audio_synthesis" ? 1 : 0;
  EXPECT_EQ(syntheses, 1) << "what was done before the cancel was done again";
}

TEST(Lifecycle, LanePausedWithAllOthersIsResumedAlone) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  EXPECT_EQ(control.result("pause", json::object())["paused_lanes"], json({"cpu", "intake", "net", "render"}));
  EXPECT_EQ(control.result("resume", {{"lane", "render"}})["paused_lanes"], json({"cpu", "intake", "net"}));
  EXPECT_EQ(control.result("status", json::object())["paused_lanes"], json({"cpu", "intake", "net"}));
  EXPECT_EQ(control.result("resume", json::object())["paused_lanes"], json::array());
}

TEST(Lifecycle, FinalJobIsNeitherMovedNorRunAgain) {
  DaemonProcess daemon;
  daemon.start();
  const std::string job = submit(daemon, short_script());
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
  auto control = daemon.client();
  EXPECT_EQ(control.call("job.priority", {{"job", job}, {"priority", 9}})["error"]["data"]["code"], "unsupported");
  EXPECT_EQ(control.call("job.retry", {{"job", job}})["error"]["data"]["code"], "unsupported");
  EXPECT_EQ(control.result("job.cancel", {{"job", job}}), (json{{"job", job}, {"outcome", "already_final"}}));
}

TEST(Lifecycle, BeginningOfSeveralIdsNamesThem) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  control.result("pause", json::object());
  for (const char* last : {"01", "02"}) {
    const std::string id = std::string("3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a") + last;
    control.result("job.submit", {{"request", request(id, short_script(), {"video"})}});
  }
  const std::string message = control.call("job.show", {{"job", "3f0c5a52"}})["error"]["message"];
  EXPECT_NE(message.find("\n3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01"), std::string::npos) << message;
  EXPECT_NE(message.find("\n3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a02"), std::string::npos) << message;
}

TEST(Lifecycle, DaemonDoesNotStartWithoutAPlaceForResults) {
  DaemonProcess daemon;
  daemon.set("VIVIDD_STORAGE_DIRECTORY", (daemon.folder() / "vividd.yaml" / "objects").string());
  daemon.start();
  EXPECT_GT(daemon.end_with(0), 0);
  EXPECT_NE(daemon.log().find("storage.directory cannot be used"), std::string::npos);
}

TEST(Lifecycle, QueueIsNotForEverybodyToRead) {
  DaemonProcess daemon;
  daemon.start();
  EXPECT_EQ(daemon.client().result("status", json::object())["state"], "running");
  const auto mode = std::filesystem::status(daemon.folder() / "queue.db").permissions();
  EXPECT_EQ(mode & std::filesystem::perms::others_all, std::filesystem::perms::none);
}

TEST(Lifecycle, WaitOfAnAbsurdLengthIsAWait) {
  DaemonProcess daemon;
  daemon.start();
  const std::string job = submit(daemon, short_script());
  EXPECT_EQ(daemon.client().result("job.wait", {{"job", job}, {"timeout_seconds", 1e300}})["state"], "completed");
}

TEST(Lifecycle, ReloadTakesOverWhatCanChangeAndNamesTheRest) {
  DaemonProcess daemon;
  daemon.write_config("lanes: {net: 4}\n");
  daemon.start();
  auto control = daemon.client();
  const json same = control.result("reload", json::object());
  EXPECT_EQ(same["changed"], json::array());
  EXPECT_EQ(same["needs_restart"], json::array());
  daemon.write_config("lanes: {net: 9}\ncontrol: {max_connections: 33}\n");
  const json answer = control.result("reload", json::object());
  EXPECT_EQ(answer["changed"], json({"lanes.net", "control.max_connections"}));
  EXPECT_EQ(answer["needs_restart"], json({"control.max_connections"}));
  const json status = control.result("status", json::object());
  for (const json& lane : status["lanes"]) {
    if (lane["lane"] == "net") {
      EXPECT_EQ(lane["capacity"], 9);
    }
  }
  daemon.write_config("lanes: {net: many}\n");
  const json refused = control.call("reload", json::object());
  EXPECT_EQ(refused["error"]["data"]["code"], "invalid_input");
}

}  // namespace
}  // namespace vivid::e2e
