#include "render/package/manifest.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace vivid::render {
namespace {

ManifestFacts facts() {
  ManifestFacts facts;
  facts.storyboard.title = "Forces";
  facts.storyboard.language = "de";
  facts.storyboard.warnings = {"scene 2: unknown background"};
  Scene scene;
  scene.number = 1;
  scene.title = "Start";
  facts.storyboard.scenes = {scene};
  StageResult video;
  video.encoder = "libx264";
  video.hold_problem = "no parameters";
  video.frames_encoded = 17;
  video.fallback_reason = "h264_nvenc: Cannot load libcuda.so.1";
  video.frames = 90;
  video.media_seconds = 3.0;
  video.cpu_seconds = 4.5;
  video.gpu_seconds = 1.5;
  video.warnings = {"scene 2: unknown background", "image is small"};
  video.steps = {{"encode", std::chrono::milliseconds(5), std::chrono::milliseconds(250)}};
  facts.stages = {{std::string(kStageVideoGeneration), video}};
  facts.files = {{"video.mp4", "video/mp4", 123, "ab", "AAAAAA=="}};
  return facts;
}

TEST(Manifest, TellsFilesVideoTimesAndFallback) {
  Narration narration;
  narration.voice = "en-us";
  narration.language = "en-US";
  narration.scenes = {{std::chrono::seconds(0), std::chrono::seconds(3)}};
  ManifestFacts given = facts();
  given.narration = &narration;
  given.stages[0].second.sound = SoundLevels{-23.504, -16.1, -4.0, -1.5, 7.25};
  const auto manifest = nlohmann::json::parse(make_manifest(given));
  EXPECT_EQ(manifest["files"][0]["sha256"], "ab");
  EXPECT_EQ(manifest["video"]["frames"], 90);
  EXPECT_EQ(manifest["video"]["hold_problem"], "no parameters");
  EXPECT_EQ(manifest["video"]["frames_encoded"], 17);
  EXPECT_EQ(manifest["video"]["encoder_fallback_reason"], "h264_nvenc: Cannot load libcuda.so.1");
  EXPECT_EQ(manifest["stages"][0]["steps"][0]["seconds"], 0.25);
  EXPECT_EQ(manifest["scenes"][0]["end_seconds"], 3.0);
  EXPECT_EQ(manifest["audio"]["voice"], "en-us");
  EXPECT_EQ(manifest["audio"]["loudness_before_lufs"], -23.5);
  EXPECT_EQ(manifest["audio"]["loudness_lufs"], -16.1);
  EXPECT_EQ(manifest["audio"]["true_peak_dbtp"], -1.5);
  EXPECT_EQ(manifest["audio"]["gain_db"], 7.25);
  EXPECT_EQ(manifest["audio"]["language"], "en-US");
  EXPECT_EQ(manifest["language"], "de");
  EXPECT_EQ(manifest["stages"][0]["cpu_seconds"], 4.5);
  EXPECT_EQ(manifest["stages"][0]["gpu_seconds"], 1.5);
}

TEST(Manifest, TellsWhatTheViewerPreferred) {
  ManifestFacts given = facts();
  given.options.high_contrast = true;
  given.options.font_scale = 1.5;
  given.options.captions = CaptionMode::shown;
  given.options.language = "de";
  given.options.voice = "de-DE-Neural2-B";
  given.options.music = "calm.ogg";
  const auto settings = nlohmann::json::parse(make_manifest(given))["settings"];
  EXPECT_EQ(settings["high_contrast"], true);
  EXPECT_EQ(settings["font_scale"], 1.5);
  EXPECT_EQ(settings["captions"], "shown");
  EXPECT_EQ(settings["language"], "de");
  EXPECT_EQ(settings["voice"], "de-DE-Neural2-B");
  EXPECT_EQ(settings["music"], "calm.ogg");
}

TEST(Manifest, SaysEachWarningOnce) {
  const auto manifest = nlohmann::json::parse(make_manifest(facts()));
  EXPECT_EQ(manifest["warnings"], nlohmann::json({"scene 2: unknown background", "image is small"}));
}

TEST(Manifest, LeavesOutWhatDidNotHappen) {
  ManifestFacts nothing;
  nothing.storyboard.title = "bad \xff text";
  const auto manifest = nlohmann::json::parse(make_manifest(nothing));
  EXPECT_FALSE(manifest.contains("video"));
  EXPECT_FALSE(manifest.contains("audio"));
  EXPECT_TRUE(manifest["files"].empty());
}

}  // namespace
}  // namespace vivid::render
