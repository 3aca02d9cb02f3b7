// Whole jobs on the stand-in driver: FFmpeg's real NVENC wrapper in real workers of a real vividd, on a driver that
// fails as it is told to.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

#include "base/uuid.h"
#include "tests/e2e/daemon_process.h"
#include "tests/support/nvidia/stand_in.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;

constexpr const char* kSettings = R"(
queue: {retry_initial: 10ms, retry_maximum: 100ms}
formats: {srt: false, poster: false, thumbnails: false}
lanes: {render: 2, cpu: 2}
)";

class GpuJobs : public testing::Test {
 protected:
  void start(const std::string& control, const std::string& more = {}, const std::string& hardware = "if_possible") {
    driver_.tell(control);
    daemon_.set("VIVIDD_RENDER_HARDWARE", hardware);
    daemon_.set("VIVIDD_RENDER_WIDTH", "640");
    daemon_.set("VIVIDD_RENDER_HEIGHT", "360");
    daemon_.set("VIVIDD_RENDER_FRAMES_PER_SECOND", "10");
    daemon_.set("VIVIDD_RENDER_SPEECH", "none");
    daemon_.write_config(kSettings + more);
    for (const std::string& entry : driver_.environment()) {
      const std::size_t equals = entry.find('=');
      daemon_.set(entry.substr(0, equals), entry.substr(equals + 1));
    }
    daemon_.start();
  }

  json status() { return daemon_.client().result("status", json::object()); }
  bool eventually(const std::function<bool(const json& status)>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
      if (holds(status())) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
  // Faults begin when the probe is over.
  void start_well(const std::string& control, const std::string& more = {}) {
    start("", more);
    EXPECT_TRUE(eventually([](const json& now) { return now["gpu"]["state"] == "ready"; }));
    driver_.tell(control);
  }
  std::string submit() {
    const std::string id = Uuid::random().to_text();
    daemon_.client().result("job.submit", {{"request", request(id, short_script(), {"video"})}});
    return id;
  }
  // The encoder of the job's video, once the job is completed.
  std::string encoder_of(const std::string& job) {
    const json ended = daemon_.wait_for_end(job);
    EXPECT_EQ(ended["state"], "completed") << daemon_.log();
    return manifest_of(job)["video"].value("encoder", "");
  }
  json manifest_of(const std::string& job) {
    std::ifstream file(daemon_.object(job, "manifest.json"));
    return json::parse(file, nullptr, false);
  }
  std::vector<std::string> outcomes(const std::string& job) {
    std::vector<std::string> found;
    const json shown = daemon_.client().result("job.show", {{"job", job}});
    for (const json& attempt : shown["attempts"]) {
      if (attempt["stage"] == "video_generation") found.push_back(attempt["outcome"]);
    }
    return found;
  }
  json gpu(int index = 0) { return status()["gpu"]["devices"][index]; }

  stand_in::Driver driver_;
  DaemonProcess daemon_;
};

TEST_F(GpuJobs, AreEncodedByTheGpuThatTheProbeFound) {
  start("set sessions_per_gpu 8", "gpu: {watch_interval: 1s}\n");
  EXPECT_EQ(encoder_of(submit()), "h264_nvenc");
  const json shown = status();
  EXPECT_EQ(shown["gpu"]["state"], "ready");
  EXPECT_EQ(shown["gpu"]["driver"], "550.54.14");
  EXPECT_EQ(shown["encoders"][0], "h264_nvenc");
  EXPECT_EQ(shown["encoder_fallbacks"], 0);
  EXPECT_EQ(gpu()["sessions"], 8);
  EXPECT_EQ(gpu()["sessions_granted"], 1);
  EXPECT_EQ(gpu()["breaker"], "closed");
  EXPECT_EQ(driver_.count("refused"), 1);  // the one that told the probe where the limit is
  EXPECT_TRUE(eventually([](const json& now) { return now["gpu"]["devices"][0]["now"]["temperature_celsius"] == 50; }));
}

TEST_F(GpuJobs, OfSeveralGpusAreSpreadOverThem) {
  start("set gpus 2");
  std::vector<std::string> jobs;
  for (int i = 0; i < 8; ++i) jobs.push_back(submit());
  for (const std::string& job : jobs) EXPECT_EQ(encoder_of(job), "h264_nvenc");
  EXPECT_GT(gpu(0)["sessions_granted"], 0);
  EXPECT_GT(gpu(1)["sessions_granted"], 0);
}

TEST_F(GpuJobs, FallBackWithTheReasonWhereNothingEncodes) {
  start("set codecs none\nset name H200");
  const std::string job = submit();
  EXPECT_EQ(encoder_of(job), "libx264");
  const json shown = status();
  EXPECT_EQ(shown["gpu"]["state"], "no_encoder");
  EXPECT_EQ(shown["encoder_fallbacks"], 1);
  EXPECT_NE(shown["last_fallback"].get<std::string>().find("H200 has CUDA but no encoder"), std::string::npos);
}

TEST_F(GpuJobs, DoNotLookForGpusThatAreNeverToBeUsed) {
  start("", "", "never");
  EXPECT_EQ(encoder_of(submit()), "libx264");
  EXPECT_EQ(status()["encoder_fallbacks"], 0);
  EXPECT_EQ(driver_.count("open"), 0);
}

TEST_F(GpuJobs, OutliveADriverThatHangs) {
  start_well("stall nvEncEncodePicture on 3", "stages: {video_generation: {silence: 5s}}\n");
  const std::string job = submit();
  EXPECT_EQ(encoder_of(job), "libx264");
  EXPECT_EQ(outcomes(job), (std::vector<std::string>{"silence", "completed"}));
  EXPECT_NE(status()["last_fallback"].get<std::string>().find("silence"), std::string::npos);
  EXPECT_EQ(gpu()["failures_in_a_row"], 1);
  EXPECT_EQ(gpu()["sessions_in_use"], 0);
}

TEST_F(GpuJobs, OutliveADriverThatCrashes) {
  start_well("crash nvEncEncodePicture on 3");
  const std::string job = submit();
  EXPECT_EQ(encoder_of(job), "libx264");
  EXPECT_EQ(outcomes(job), (std::vector<std::string>{"worker_crashed", "completed"}));
  EXPECT_EQ(gpu()["failures_in_a_row"], 1);
}

TEST_F(GpuJobs, OutliveACallThatFails) {
  start_well("error nvEncLockBitstream 20 on 2");
  const std::string job = submit();
  EXPECT_EQ(encoder_of(job), "libx264");
  EXPECT_EQ(outcomes(job), (std::vector<std::string>{"unavailable", "completed"}));
  // The next one is the GPU's again.
  EXPECT_EQ(encoder_of(submit()), "h264_nvenc");
  EXPECT_EQ(gpu()["failures_in_a_row"], 0);
}

TEST_F(GpuJobs, LeaveAGpuAloneThatFailsAgainAndAgainAndTryItLater) {
  start_well("error nvEncEncodePicture 20", "gpu: {breaker_failures: 2, breaker_rest: 1s, session_wait: 0s}\n");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(encoder_of(submit()), "libx264");
  EXPECT_EQ(gpu()["times_put_aside"], 1);
  // Trials while it is broken put it aside again; once it is well it is used again.
  driver_.tell("");
  EXPECT_TRUE(eventually([&](const json&) { return encoder_of(submit()) == "h264_nvenc"; }));
  EXPECT_EQ(gpu()["breaker"], "closed");
  EXPECT_EQ(gpu()["failures_in_a_row"], 0);
}

TEST_F(GpuJobs, MoveToTheOtherGpuWhenOneIsLost) {
  start("set gpus 2", "gpu: {breaker_failures: 1, breaker_rest: 1h, session_wait: 0s}\n");
  ASSERT_TRUE(eventually([](const json& now) { return now["gpu"]["state"] == "ready"; }));
  driver_.tell("set gpus 2\nlose nvEncEncodePicture gpu 0");
  for (int i = 0; i < 6; ++i) daemon_.wait_for_end(submit());
  EXPECT_TRUE(eventually([](const json& now) {
    for (const json& worker : now["workers"]) {
      if (worker["state"] != "idle" || worker["gpu"] == now["gpu"]["devices"][0]["uuid"]) return false;
    }
    return now["gpu"]["devices"][0]["breaker"] == "open";
  }));
  EXPECT_EQ(encoder_of(submit()), "h264_nvenc");
}

TEST_F(GpuJobs, FallBackOnceWhenAnotherProgramTakesTheSessions) {
  start("set sessions_per_gpu 8");
  ASSERT_TRUE(eventually([](const json& now) { return now["gpu"]["state"] == "ready"; }));
  const int before = driver_.count("refused");
  driver_.tell("set sessions_per_gpu 8\nset others_sessions 8\nset refuse_code 21");
  const std::string job = submit();
  EXPECT_EQ(encoder_of(job), "libx264");
  EXPECT_EQ(outcomes(job), std::vector<std::string>{"completed"});
  EXPECT_EQ(driver_.count("refused"), before + 1);
  EXPECT_EQ(gpu()["sessions_refused"], 1);
  EXPECT_EQ(gpu()["failures_in_a_row"], 0);
}

TEST_F(GpuJobs, DoWithoutAGpuWhoseDriverDoesNotAnswerTheProbe) {
  start("stall cuInit", "gpu: {probe_limit: 1s}\n");
  EXPECT_EQ(encoder_of(submit()), "libx264");
  EXPECT_EQ(status()["gpu"]["state"], "broken");
  EXPECT_NE(status()["gpu"]["text"].get<std::string>().find("did not answer"), std::string::npos);
}

// 1,000 in a soak: VIVID_GPU_SOAK_JOBS=1000.
TEST_F(GpuJobs, NeverOpenASessionMoreThanTheDriverAllows) {
  const char* wanted = std::getenv("VIVID_GPU_SOAK_JOBS");
  daemon_.set("VIVIDD_LANES_RENDER", "8");
  const int count = wanted == nullptr ? 12 : std::atoi(wanted);
  start("set gpus 2\nset sessions_per_gpu 3\nset sessions_per_system 3",
        "gpu: {start_interval: 0s, session_wait: 1h}\nworkers: {max_jobs: 7}\n");
  ASSERT_TRUE(eventually([](const json& now) { return now["gpu"]["state"] == "ready"; }));
  const int before = driver_.count("refused");
  std::vector<std::string> jobs;
  for (int i = 0; i < count; ++i) jobs.push_back(submit());
  for (const std::string& job : jobs) EXPECT_EQ(encoder_of(job), "h264_nvenc");
  EXPECT_EQ(driver_.count("refused"), before);
  EXPECT_EQ(status()["encoder_fallbacks"], 0);
}

}  // namespace
}  // namespace vivid::e2e
