#include "render/package/manifest.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "render/protocol/names.h"

namespace vivid::render {
namespace {

using Json = nlohmann::ordered_json;

// Meters agree to no more than this.
double hundredths(double value) { return std::round(value * 100.0) / 100.0; }

double seconds(std::chrono::microseconds duration) { return std::chrono::duration<double>(duration).count(); }

Json files_json(const std::vector<ProducedFile>& files) {
  Json list = Json::array();
  for (const ProducedFile& file : files) {
    list.push_back({{"name", file.name},
                    {"content_type", file.content_type},
                    {"size_bytes", file.size_bytes},
                    {"sha256", file.sha256},
                    {"crc32c", file.crc32c}});
  }
  return list;
}

Json scenes_json(const Storyboard& storyboard, const Narration& narration) {
  Json list = Json::array();
  const std::size_t count = std::min(storyboard.scenes.size(), narration.scenes.size());
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back({{"number", storyboard.scenes[i].number},
                    {"title", storyboard.scenes[i].title},
                    {"start_seconds", seconds(narration.scenes[i].start)},
                    {"end_seconds", seconds(narration.scenes[i].end)}});
  }
  return list;
}

Json reuse_json(const ReuseCounts& reuse) {
  return {{"hits", reuse.hits},
          {"misses", reuse.misses},
          {"bytes_read", reuse.bytes_read},
          {"bytes_written", reuse.bytes_written},
          {"evicted", reuse.evicted},
          {"corrupt", reuse.corrupt},
          {"refused", reuse.refused}};
}

Json stages_json(const ManifestFacts& facts) {
  Json list = Json::array();
  for (const auto& [name, result] : facts.stages) {
    Json steps = Json::array();
    for (const Step& step : result.steps) {
      steps.push_back(
          {{"name", step.name}, {"start_seconds", seconds(step.start)}, {"seconds", seconds(step.duration)}});
    }
    Json stage{{"stage", name}, {"steps", std::move(steps)}};
    // Known once a stage has ended: not for the one that writes this.
    if (result.cpu_seconds > 0) stage["cpu_seconds"] = result.cpu_seconds;
    if (result.gpu_seconds > 0) stage["gpu_seconds"] = result.gpu_seconds;
    if (result.reuse) stage["reuse"] = reuse_json(*result.reuse);
    list.push_back(std::move(stage));
  }
  return list;
}

Json video_json(const ManifestFacts& facts, const StageResult& result) {
  Json video{{"width_px", facts.options.width_px},
             {"height_px", facts.options.height_px},
             {"frames_per_second", facts.options.frames_per_second},
             {"frames", result.frames},
             {"frames_encoded", result.frames_encoded},
             {"duration_seconds", result.media_seconds},
             {"encoder", result.encoder}};
  if (!result.fallback_reason.empty()) video["encoder_fallback_reason"] = result.fallback_reason;
  if (!result.hold_problem.empty()) video["hold_problem"] = result.hold_problem;
  return video;
}

Json audio_json(const ManifestFacts& facts) {
  Json audio{{"duration_seconds", seconds(facts.narration->duration())},
             {"voice", facts.narration->voice},
             {"language", facts.narration->language},
             {"characters_spoken", facts.narration->characters}};
  for (const auto& [name, result] : facts.stages) {
    if (!result.sound) continue;
    audio["loudness_before_lufs"] = hundredths(result.sound->loudness_before_lufs);
    audio["loudness_lufs"] = hundredths(result.sound->loudness_lufs);
    audio["true_peak_before_dbtp"] = hundredths(result.sound->true_peak_before_dbtp);
    audio["true_peak_dbtp"] = hundredths(result.sound->true_peak_dbtp);
    audio["gain_db"] = hundredths(result.sound->gain_db);
  }
  return audio;
}

Json settings_json(const RenderOptions& options) {
  return {{"encoder", options.encoder},
          {"hardware", names::to_text(options.hardware)},
          {"preset", options.preset},
          {"crf", options.crf},
          {"keyframe_seconds", options.keyframe_seconds},
          {"hold_still_frames", options.hold_still_frames},
          {"encoder_threads", options.encoder_threads},
          {"speech", options.speech},
          {"words_per_minute", options.words_per_minute},
          {"watermark", options.watermark},
          {"progress_line", options.progress_line},
          {"language", options.language},
          {"voice", options.voice},
          {"music", options.music},
          {"captions", names::to_text(options.captions)},
          {"audio_descriptions", options.audio_descriptions},
          {"high_contrast", options.high_contrast},
          {"font_scale", options.font_scale},
          {"formats", options.formats.names()}};
}

}  // namespace

std::vector<std::string> distinct_warnings(const ManifestFacts& facts) {
  std::vector<std::string> distinct;
  const auto add = [&distinct](const std::vector<std::string>& warnings) {
    for (const std::string& warning : warnings) {
      if (std::find(distinct.begin(), distinct.end(), warning) == distinct.end()) distinct.push_back(warning);
    }
  };
  add(facts.storyboard.warnings);
  for (const auto& [name, result] : facts.stages) add(result.warnings);
  return distinct;
}

std::string make_manifest(const ManifestFacts& facts) {
  Json manifest{{"format", 1},
                {"title", facts.storyboard.title},
                {"language", facts.storyboard.language},
                {"topic_id", facts.storyboard.topic_id},
                {"files", files_json(facts.files)}};
  for (const auto& [name, result] : facts.stages) {
    if (name == kStageVideoGeneration) manifest["video"] = video_json(facts, result);
  }
  if (facts.narration != nullptr) {
    manifest["audio"] = audio_json(facts);
    manifest["scenes"] = scenes_json(facts.storyboard, *facts.narration);
  }
  manifest["stages"] = stages_json(facts);
  manifest["warnings"] = distinct_warnings(facts);
  manifest["settings"] = settings_json(facts.options);
  Json versions = Json::object();
  for (const auto& [name, version] : facts.versions) versions[name] = version;
  manifest["versions"] = std::move(versions);
  // Text that is not UTF-8 is replaced, never thrown at.
  return manifest.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vivid::render
