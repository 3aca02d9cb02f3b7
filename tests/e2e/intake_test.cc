// What comes in over the control socket, and the way each kind of request takes.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/uuid.h"
#include "tests/e2e/daemon_process.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;

json attempts_of(const json& shown, const std::string& stage) {
  json found = json::array();
  for (const json& attempt : shown["attempts"]) {
    if (attempt["stage"] == stage) found.push_back(attempt);
  }
  return found;
}

std::string state_of(const json& shown, const std::string& stage) {
  for (const json& each : shown["stages"]) {
    if (each["name"] == stage) return each["state"];
  }
  return "absent";
}

TEST(Intake, ScriptBecomesVideoWithAllItsFiles) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  const std::string id = Uuid::random().to_text();
  const json submitted = control.result("job.submit", {{"input", short_script().dump()}, {"request_id", id}});
  ASSERT_EQ(submitted["job"], id);
  EXPECT_EQ(submitted["path"], "media");
  EXPECT_EQ(daemon.wait_for_end(id)["state"], "completed");
  for (const char* name : {"video.mp4", "captions.vtt", "thumbnail.jpg", "narration.m4a", "text.md", "manifest.json"}) {
    EXPECT_TRUE(std::filesystem::exists(daemon.object(id, name))) << name;
  }
  const json shown = control.result("job.show", {{"job", id.substr(0, 8)}});
  EXPECT_EQ(state_of(shown, "image_generation"), "skipped");
  EXPECT_EQ(state_of(shown, "script_generation"), "skipped");
  EXPECT_EQ(state_of(shown, "notification"), "skipped");
  EXPECT_GE(shown["files"].size(), 6U);
}

TEST(Intake, SameRequestTwiceIsOneJob) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  const json message = request(Uuid::random().to_text(), short_script(), {"audio"});
  EXPECT_EQ(control.result("job.submit", {{"request", message}})["created"], true);
  EXPECT_EQ(control.result("job.submit", {{"request", message}})["created"], false);
  EXPECT_EQ(control.result("job.list", json::object())["jobs"].size(), 1U);
}

TEST(Intake, AudioRequestSkipsThePicture) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  const std::string id = Uuid::random().to_text();
  control.result("job.submit", {{"request", request(id, short_script(), {"audio"})}});
  EXPECT_EQ(daemon.wait_for_end(id)["state"], "completed");
  EXPECT_EQ(state_of(control.result("job.show", {{"job", id}}), "video_generation"), "skipped");
  EXPECT_TRUE(std::filesystem::exists(daemon.object(id, "narration.m4a")));
  EXPECT_FALSE(std::filesystem::exists(daemon.object(id, "video.mp4")));
}

TEST(Intake, PoisonMessageFailsOnceWithItsReasonAndIsKept) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  const json poison = request("test-smoke-002", short_script(), {"video"});
  for (int i = 0; i < 2; ++i) {
    const json answer = control.call("job.submit", {{"request", poison}});
    ASSERT_TRUE(answer.contains("error")) << answer.dump();
    EXPECT_EQ(answer["error"]["data"]["code"], "invalid_input");
    EXPECT_NE(answer["error"]["message"].get<std::string>().find("test-smoke-002"), std::string::npos);
  }
  json dead;
  for (int tries = 0; tries < 100 && dead.empty(); ++tries) {
    dead = control.result("dead.list", json::object())["jobs"];
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0]["error"]["code"], "invalid_input");
  const json shown = control.result("job.show", {{"job", dead[0]["job"]}});
  EXPECT_EQ(attempts_of(shown, "validation").size(), 1U);
}

TEST(Intake, AllProblemsOfAMessageAreNamedAtOnce) {
  DaemonProcess daemon;
  daemon.start();
  const json answer = daemon.client().call(
      "job.submit",
      {{"request",
        {{"request_id", Uuid::random().to_text()}, {"grade_level", 7}, {"requested_modalities", {"smell"}}}}});
  const std::string message = answer["error"]["message"];
  for (const char* part : {"student_id", "student_query", "grade_level", "smell"}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
}

TEST(Intake, TextIsAnsweredWhileVideoRendersAndFoundAfterRestart) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  const std::string video = Uuid::random().to_text();
  control.result("job.submit", {{"request", request(video, long_script(), {"video"})}});
  ASSERT_NE(daemon.wait_for_stage(video, "video_generation"), 0);
  const std::string text = Uuid::random().to_text();
  const json answer = control.result("job.submit", {{"request", request(text, short_script(), {"text"})}});
  EXPECT_EQ(answer["path"], "text");
  EXPECT_EQ(answer["state"], "completed");
  EXPECT_EQ(answer["result"]["files"][0]["name"], "text.md");
  EXPECT_EQ(control.result("job.show", {{"job", video}})["job"]["state"], "running");
  daemon.kill_now();
  daemon.start();
  auto again = daemon.client();
  EXPECT_EQ(again.result("job.show", {{"job", text}})["job"]["class"], "text");
  again.result("job.cancel", {{"job", video}});
  EXPECT_EQ(daemon.wait_for_end(video)["state"], "cancelled");
}

TEST(Intake, AThousandTextRequestsAreAllAnsweredDuringARender) {
  DaemonProcess daemon;
  daemon.start();
  auto control = daemon.client();
  const std::string video = Uuid::random().to_text();
  control.result("job.submit", {{"request", request(video, long_script(), {"video"})}});
  ASSERT_NE(daemon.wait_for_stage(video, "video_generation"), 0);
  for (int i = 0; i < 1000; ++i) {
    const json answer =
        control.result("job.submit", {{"request", request(Uuid::random().to_text(), short_script(), {"text"})}});
    ASSERT_EQ(answer["state"], "completed");
  }
  EXPECT_EQ(control.result("status", json::object())["text"]["completed"], 1000);
  control.result("job.cancel", {{"job", video}});
}

}  // namespace
}  // namespace vivid::e2e
