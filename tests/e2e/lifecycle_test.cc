// Cancel, drain, stop and start again.
#include <gtest/gtest.h>
#include <signal.h>

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
  daemon.start();
  const std::string job = submit(daemon, long_script());
  const pid_t worker = daemon.wait_for_stage(job, "video_generation");
  ASSERT_NE(worker, 0);
  EXPECT_EQ(daemon.client().result("job.cancel", {{"job", job}})["outcome"], "cancel_requested");
  EXPECT_EQ(daemon.wait_for_end(job, 20)["state"], "cancelled");
  EXPECT_NE(::kill(worker, 0), 0);
}

TEST(Lifecycle, StopLetsTheStageEndWithinTheLimit) {
  DaemonProcess daemon;
  daemon.start();
  const std::string job = submit(daemon, short_script());
  ASSERT_NE(daemon.wait_for_stage(job, "video_generation"), 0);
  EXPECT_EQ(daemon.end_with(SIGTERM), 0);
  EXPECT_NE(daemon.log().find("stage completed"), std::string::npos);
  EXPECT_EQ(daemon.log().find("stage given back"), std::string::npos);
  daemon.start();
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
}

TEST(Lifecycle, StopGivesTheStageBackAtTheLimitAndTheNextDaemonFinishesIt) {
  DaemonProcess daemon;
  daemon.set("VIVIDD_SHUTDOWN_DRAIN_LIMIT", "500ms");
  daemon.set("VIVIDD_WORKERS_GRACE", "300ms");
  daemon.start();
  const std::string job = submit(daemon, long_script());
  const pid_t worker = daemon.wait_for_stage(job, "video_generation");
  ASSERT_NE(worker, 0);
  EXPECT_EQ(daemon.end_with(SIGTERM), 0);
  EXPECT_NE(::kill(worker, 0), 0);
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
  EXPECT_EQ(daemon.end_with(0, 20), 0);
}

TEST(Lifecycle, ReloadTakesOverWhatCanChangeAndNamesTheRest) {
  DaemonProcess daemon;
  daemon.start();
  const json answer = daemon.client().result("reload", json::object());
  EXPECT_EQ(answer["changed"], json::array());
  EXPECT_EQ(answer["needs_restart"], json::array());
}

}  // namespace
}  // namespace vivid::e2e
