#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "render/protocol/messages.h"
#include "render/protocol/names.h"

namespace vivid::render {
namespace {

using nlohmann::json;

// JSON has no NaN and no infinity; a rate over no time at all reads as none.
double finite_or_zero(double number) { return std::isfinite(number) ? number : 0.0; }

// Bytes that are not UTF-8 (a file name may hold any) become U+FFFD instead of an exception.
std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json steps_json(const std::vector<Step>& steps) {
  json array = json::array();
  for (const Step& step : steps) {
    array.push_back({{"name", step.name}, {"start_us", step.start.count()}, {"duration_us", step.duration.count()}});
  }
  return array;
}

json files_json(const std::vector<ProducedFile>& files) {
  json array = json::array();
  for (const ProducedFile& file : files) {
    array.push_back({{"name", file.name},
                     {"content_type", file.content_type},
                     {"size_bytes", file.size_bytes},
                     {"sha256", file.sha256},
                     {"crc32c", file.crc32c}});
  }
  return array;
}

json equations_json(const EquationOptions& options) {
  return {{"command", options.command},
          {"package", options.package.string()},
          {"cache", options.cache.string()},
          {"time_limit_ms", options.time_limit.count()}};
}

json nvenc_json(const NvencOptions& options) {
  return {{"preset", options.preset},
          {"cq", options.cq},
          {"max_rate_bps", options.max_rate_bps},
          {"aq_strength", options.aq_strength},
          {"look_ahead", options.look_ahead}};
}

json options_json(const RenderOptions& options) {
  return {{"width_px", options.width_px},
          {"height_px", options.height_px},
          {"frames_per_second", options.frames_per_second},
          {"encoder", options.encoder},
          {"hardware", names::to_text(options.hardware)},
          {"preset", options.preset},
          {"crf", options.crf},
          {"keyframe_seconds", options.keyframe_seconds},
          {"hold_still_frames", options.hold_still_frames},
          {"encoder_threads", options.encoder_threads},
          {"parallel_spans", options.parallel_spans},
          {"span_cache",
           {{"directory", options.span_cache.directory.string()}, {"max_bytes", options.span_cache.max_bytes}}},
          {"nvenc", nvenc_json(options.nvenc)},
          {"hardware_refused", options.hardware_refused},
          {"speech", options.speech},
          {"words_per_minute", options.words_per_minute},
          {"watermark", options.watermark},
          {"progress_line", options.progress_line},
          {"asset_root", options.asset_root.string()},
          {"scene_images", options.scene_images},
          {"high_contrast", options.high_contrast},
          {"font_scale", finite_or_zero(options.font_scale)},
          {"captions", names::to_text(options.captions)},
          {"audio_descriptions", options.audio_descriptions},
          {"language", options.language},
          {"voice", options.voice},
          {"music", options.music},
          {"equations", equations_json(options.equations)},
          {"formats", options.formats.names()}};
}

json to_object(const Hello& hello) {
  return {{"type", names::kHello}, {"pid", hello.pid}, {"version", hello.version}, {"encoders", hello.encoders}};
}

json to_object(const Progress& progress) {
  return {{"type", names::kProgress},
          {"fraction", finite_or_zero(progress.fraction)},
          {"step", progress.step},
          {"frames_done", progress.frames_done},
          {"frames_total", progress.frames_total},
          {"frames_per_second", finite_or_zero(progress.frames_per_second)}};
}

json sound_json(const SoundLevels& sound) {
  return {{"loudness_before_lufs", finite_or_zero(sound.loudness_before_lufs)},
          {"loudness_lufs", finite_or_zero(sound.loudness_lufs)},
          {"true_peak_before_dbtp", finite_or_zero(sound.true_peak_before_dbtp)},
          {"true_peak_dbtp", finite_or_zero(sound.true_peak_dbtp)},
          {"gain_db", finite_or_zero(sound.gain_db)}};
}

json reuse_json(const ReuseCounts& reuse) {
  return {{"hits", reuse.hits},
          {"misses", reuse.misses},
          {"bytes_read", reuse.bytes_read},
          {"bytes_written", reuse.bytes_written},
          {"evicted", reuse.evicted},
          {"corrupt", reuse.corrupt},
          {"refused", reuse.refused}};
}

json to_object(const StageResult& result) {
  json object = {{"type", names::kResult},
                 {"files", files_json(result.files)},
                 {"steps", steps_json(result.steps)},
                 {"warnings", result.warnings},
                 {"encoder", result.encoder},
                 {"fallback_reason", result.fallback_reason},
                 {"media_seconds", finite_or_zero(result.media_seconds)},
                 {"hold_problem", result.hold_problem},
                 {"frames", result.frames},
                 {"frames_encoded", result.frames_encoded},
                 {"characters_spoken", result.characters_spoken},
                 {"cpu_seconds", finite_or_zero(result.cpu_seconds)},
                 {"gpu_seconds", finite_or_zero(result.gpu_seconds)},
                 {"title", result.title},
                 {"language", result.language}};
  if (result.sound) object["sound"] = sound_json(*result.sound);
  if (result.reuse) object["reuse"] = reuse_json(*result.reuse);
  return object;
}

json to_object(const Failure& failure) {
  return {{"type", names::kFailure},
          {"code", to_text(failure.error.code)},
          {"message", failure.error.message},
          {"steps", steps_json(failure.steps)}};
}

}  // namespace

std::string encode(const Task& task) {
  return dump({{"type", names::kTask},
               {"job", task.job},
               {"correlation_id", task.correlation_id},
               {"stage", task.stage},
               {"attempt", task.attempt},
               {"work_directory", task.work_directory.string()},
               {"input", task.input},
               {"options", options_json(task.options)}});
}

std::string encode(const WorkerMessage& message) {
  return std::visit([](const auto& part) { return dump(to_object(part)); }, message);
}

std::string to_json(const StageResult& result) { return dump(to_object(result)); }

}  // namespace vivid::render
