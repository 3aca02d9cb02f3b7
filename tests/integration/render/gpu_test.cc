// vivid-render on the stand-in driver: FFmpeg's real NVENC code, our settings, and what is said when it cannot be done.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/integration/render/lesson.h"
#include "tests/support/nvidia/stand_in.h"
#include "tests/support/render/child.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render::testing_support {
namespace {

class Gpu : public testing::Test {
 protected:
  Gpu() { std::ofstream(folder_ / "lesson.json") << kLesson; }

  Finished run(std::vector<std::string> arguments) {
    std::vector<std::string> command{"env"};
    for (const std::string& entry : driver_.environment()) command.push_back(entry);
    command.push_back(std::string(VIVID_BINARY_DIR) + "/bin/vivid-render");
    command.insert(command.end(), arguments.begin(), arguments.end());
    return Child(std::move(command), folder_.path()).wait();
  }
  Finished render(std::vector<std::string> more) {
    std::vector<std::string> arguments{(folder_ / "lesson.json").string(),
                                       "-o",
                                       out().string(),
                                       "--size",
                                       "1280x720",
                                       "--fps",
                                       "10",
                                       "--keyframe-seconds",
                                       "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(std::move(arguments));
  }
  std::filesystem::path out() { return folder_ / "out"; }
  nlohmann::json manifest() { return nlohmann::json::parse(slurp(out() / "manifest.json")); }
  Finished probe() { return run({"--probe", "--json"}); }
  std::string state_told(const std::string& control) {
    driver_.tell(control);
    const auto report = nlohmann::json::parse(probe().out, nullptr, false);
    return report.is_object() ? report.value("state", "") : "nothing";
  }

  synthetic::Folder folder_;
  stand_in::Driver driver_;
};

TEST_F(Gpu, EncodesALessonAndHoldsItsStillFrames) {
  const Finished finished = render({"--hardware", "required"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.err.find("every frame was encoded"), std::string::npos) << finished.err;
  const auto video = manifest()["video"];
  EXPECT_EQ(video["encoder"], "h264_nvenc");
  EXPECT_GT(video["frames_encoded"].get<int>(), 0);
  EXPECT_LT(video["frames_encoded"].get<int>(), video["frames"].get<int>() / 2);
  const std::string mp4 = (out() / "video.mp4").string();
  const Finished decoded =
      Child({"ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-i", mp4, "-map", "0:v", "-f", "null", "-"},
            folder_.path())
          .wait();
  EXPECT_EQ(decoded.exit_code, 0) << decoded.err;
  EXPECT_EQ(decoded.err, "");
  EXPECT_GE(driver_.count("open gpu=0"), 1);
  EXPECT_EQ(driver_.count("open gpu=0"), driver_.count("close gpu=0"));
}

TEST_F(Gpu, EncodesEveryFrameWithPicturesInBetween) {
  const Finished finished = render({"--hardware", "required", "--encode-every-frame"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(manifest()["video"]["frames_encoded"], manifest()["video"]["frames"]);
}

TEST_F(Gpu, FallsBackToSoftwareAndSaysWhyWhenEverySessionIsTaken) {
  for (const char* code : {"10", "21"}) {
    driver_.tell(std::string("error nvEncOpenEncodeSessionEx ") + code);
    const Finished finished = render({});
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_EQ(manifest()["video"]["encoder"], "libx264");
    std::filesystem::remove_all(out());
  }
}

TEST_F(Gpu, ThatIsRequiredAndBusyIsAFailureToTryAgain) {
  driver_.tell("error nvEncOpenEncodeSessionEx 10");
  EXPECT_EQ(render({"--hardware", "required"}).exit_code, 4);
  driver_.tell("set codecs none");
  EXPECT_EQ(render({"--hardware", "required"}).exit_code, 3);
}

TEST_F(Gpu, ThatFailsAmidAVideoIsAFailureToTryAgain) {
  driver_.tell("error nvEncLockBitstream 20 on 3");
  const Finished finished = render({});
  EXPECT_EQ(finished.exit_code, 4) << finished.err;
  EXPECT_NE(finished.err.find("the GPU failed: h264_nvenc"), std::string::npos) << finished.err;
  EXPECT_FALSE(std::filesystem::exists(out() / "video.mp4"));
}

TEST_F(Gpu, ThatIsLostAmidAVideoIsAFailureAndThenAFallback) {
  driver_.tell("lose nvEncEncodePicture on 5");
  EXPECT_EQ(render({}).exit_code, 4);
  const Finished again = render({});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(manifest()["video"]["encoder"], "libx264");
}

TEST_F(Gpu, ProbeFindsEncodersBySizeAndTheSessionsThatMayBeOpen) {
  driver_.tell("set gpus 2\nset sessions_per_gpu 5\nset others_sessions 2\nset max_width 1920");
  const Finished finished = probe();
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const auto report = nlohmann::json::parse(finished.out);
  EXPECT_EQ(report["state"], "ready");
  EXPECT_EQ(report["driver"], "550.54.14");
  ASSERT_EQ(report["devices"].size(), 2U);
  const auto& device = report["devices"][1];
  EXPECT_EQ(device["uuid"], "GPU-5a4d0000-0000-4000-8000-000000000001");
  EXPECT_EQ(device["sessions"], 5);
  EXPECT_EQ(device["sessions_of_others"], 2);
  const auto& h264 = device["encoders"][0];
  EXPECT_EQ(h264["name"], "h264_nvenc");
  EXPECT_EQ(h264["sizes"], nlohmann::json({"1280x720", "1920x1080"}));
  EXPECT_NE(h264["problem"].get<std::string>().find("3840"), std::string::npos);
}

TEST_F(Gpu, ProbeTellsOneLackFromAnother) {
  EXPECT_EQ(state_told("set gpus 0"), "no_device");
  EXPECT_EQ(state_told("set codecs none"), "no_encoder");
  EXPECT_EQ(state_told("set nvenc_major 11\nset nvenc_minor 0"), "driver_too_old");
  EXPECT_EQ(state_told("error cuInit 803"), "broken");
  EXPECT_EQ(state_told("error nvEncOpenEncodeSessionEx 10"), "busy");
  EXPECT_EQ(state_told("error nvEncInitializeEncoder 8"), "broken");
  EXPECT_EQ(state_told(""), "ready");
}

TEST_F(Gpu, ProbeWithoutADriverSaysSoInPlainWords) {
  const Finished finished =
      Child({std::string(VIVID_BINARY_DIR) + "/bin/vivid-render", "--probe"}, folder_.path()).wait();
  if (finished.exit_code == 0) GTEST_SKIP() << "this machine has a GPU that encodes";
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_FALSE(finished.out.empty());
}

TEST_F(Gpu, ProbeRemembersWhatItFoundForTheSameDriver) {
  const std::string cache = (folder_ / "probe.json").string();
  ASSERT_EQ(run({"--probe", "--probe-cache", cache}).exit_code, 0);
  const int opened = driver_.count("open gpu=0");
  EXPECT_GT(opened, 0);
  ASSERT_EQ(run({"--probe", "--probe-cache", cache}).exit_code, 0);
  EXPECT_EQ(driver_.count("open gpu=0"), opened);
  driver_.tell("set driver 560.1");
  ASSERT_EQ(run({"--probe", "--probe-cache", cache}).exit_code, 0);
  EXPECT_GT(driver_.count("open gpu=0"), opened);
}

}  // namespace
}  // namespace vivid::render::testing_support
