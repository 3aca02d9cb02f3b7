#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/files.h"
#include "render/compose/composer.h"
#include "render/encode/library_versions.h"
#include "render/encode/video_encoder.h"
#include "render/formats/hls.h"
#include "render/formats/mp3.h"
#include "render/formats/rung.h"
#include "render/formats/srt.h"
#include "render/package/manifest.h"
#include "render/speech/caption_limits.h"
#include "render/vivid_render/descriptions.h"
#include "render/vivid_render/format_viewers.h"
#include "render/vivid_render/held_time.h"
#include "render/vivid_render/stage_functions.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

// Where in the stage its parts begin.
constexpr double kCaptionsFrom = 0.01;
constexpr double kTextFrom = 0.03;
constexpr double kFramesFrom = 0.05;
constexpr double kStreamFrom = 0.85;
constexpr double kSoundFrom = 0.92;
constexpr double kManifestFrom = 0.98;

void report(const StageCall& call, const char* step, double fraction) {
  Progress progress;
  progress.step = step;
  progress.fraction = fraction;
  call.environment.report(progress);
}

Status stop_if_cancelled(const StageCall& call) {
  if (!call.environment.cancelled()) return {};
  return fail(ErrorCode::cancelled, "stopped between two formats");
}

bool wanted(const StageCall& call, Format format) { return call.task.options.formats.has(format); }

Status keep(StageCall& call, const std::string& name) {
  VIVID_ASSIGN(ProducedFile file, describe_product(call.task.work_directory, name));
  call.result.files.push_back(std::move(file));
  return {};
}

// A lesson is no worse for a format that it might have had besides: what came in the way of it is told. What stays of
// it when it fails is not among the results.
Status forgive(StageCall& call, const std::string& format, const Status& outcome) {
  if (outcome.has_value()) return {};
  if (outcome.error().code == ErrorCode::cancelled) return outcome;
  call.result.warnings.push_back("format " + format + " was left out: " + outcome.error().message);
  return {};
}

Status write_srt(StageCall& call, const std::vector<Caption>& captions) {
  VIVID_TRY(write_file_durably(call.task.work_directory / kCaptionsSrt, to_srt(captions)));
  return keep(call, kCaptionsSrt);
}

Status write_captions(StageCall& call, const Narration& narration) {
  const std::vector<Caption> captions = make_captions(narration);
  const std::size_t hurried = count_hurried(captions);
  if (hurried > 0) {
    call.result.warnings.push_back(std::to_string(hurried) + " of " + std::to_string(captions.size()) +
                                   " captions are quicker to say than to read");
  }
  VIVID_TRY(write_file_durably(call.task.work_directory / kCaptionsVtt, to_webvtt(captions)));
  VIVID_TRY(keep(call, kCaptionsVtt));
  VIVID_TRY(write_description_cues(call, narration));
  if (!wanted(call, Format::srt)) return {};
  return forgive(call, "srt", write_srt(call, captions));
}

Status write_text(StageCall& call) {
  VIVID_TRY(write_file_durably(call.task.work_directory / kTextMd, to_markdown(call.storyboard)));
  return keep(call, kTextMd);
}

Status keep_products(StageCall& call, const Viewing& viewing) {
  VIVID_TRY(viewing.outcome);
  for (const std::string& name : viewing.viewer->products()) VIVID_TRY(keep(call, name));
  return {};
}

Result<StageResult> video_result(const StageCall& call) {
  VIVID_ASSIGN(auto stages, load_results(call.task.work_directory));
  for (auto& [name, result] : stages) {
    if (name == kStageVideoGeneration) return std::move(result);
  }
  return StageResult{};
}

// Pictures, and films in other codings and sizes, from one composition.
Status view_frames(StageCall& call, const Narration& narration, const StageResult& video) {
  const SteadyTime began = call.environment.clock.steady_now();
  std::optional<HeldTime> gpu;
  const EncoderKind* encoder = find_encoder(video.encoder);
  const bool encodes = wanted(call, Format::ladder) || wanted(call, Format::hls);
  if (encodes && encoder != nullptr && encoder->hardware) {
    gpu.emplace(call.environment.clock, began, call.result.gpu_seconds);
  }
  VIVID_ASSIGN(const auto composer, call.timer.measure("layout", [&] {
    return Composer::create(call.storyboard, narration, call.task.options);
  }));
  std::vector<Viewing> viewings(1);
  VIVID_ASSIGN(viewings.front(), make_thumbnail_viewing(call, *composer));
  std::vector<Viewing> others =
      call.timer.measure("open", [&] { return make_format_viewings(call, *composer, narration, video); });
  std::move(others.begin(), others.end(), std::back_inserter(viewings));
  VIVID_TRY(run_frame_pass(call, *composer, viewings, kFramesFrom, kStreamFrom));
  VIVID_TRY(keep_products(call, viewings.front()));
  for (auto other = viewings.begin() + 1; other != viewings.end(); ++other) {
    VIVID_TRY(forgive(call, other->name, keep_products(call, *other)));
  }
  return {};
}

// From the files of all sizes that there are.
Result<std::vector<std::string>> write_stream(StageCall& call, const Narration& narration, const StageResult& video) {
  const PictureSize size = size_of_video(call);
  HlsOptions options;
  options.directory = call.task.work_directory;
  options.sizes = {{call.task.work_directory / kVideoMp4, size}};
  for (const PictureSize& smaller : smaller_sizes(size)) {
    if (is_there(rung_path(call, smaller))) options.sizes.push_back({rung_path(call, smaller), smaller});
  }
  options.frames_per_second = call.task.options.frames_per_second;
  options.frames = video.frames;
  options.sound_language = narration.language;
  options.captions_language = call.storyboard.language;
  if (!narration.descriptions.empty()) options.described_sound = call.task.work_directory / kDescribedM4a;
  const CaptionMode captions = call.task.options.captions;
  const bool as_track = captions == CaptionMode::track || captions == CaptionMode::shown;
  if (as_track) options.captions = make_captions(narration);
  return write_hls(options, [&call] {
    report(call, "hls", kStreamFrom);
    return !call.environment.cancelled();
  });
}

Status keep_stream(StageCall& call, const Narration& narration, const StageResult& video) {
  VIVID_ASSIGN(const std::vector<std::string> names, write_stream(call, narration, video));
  for (const std::string& name : names) VIVID_TRY(keep(call, name));
  return {};
}

void remove_hidden_rungs(const StageCall& call) {
  if (wanted(call, Format::ladder)) return;
  std::error_code ignored;
  for (const PictureSize& size : smaller_sizes(size_of_video(call))) {
    std::filesystem::remove(rung_path(call, size), ignored);
  }
}

Status convert_video(StageCall& call, const Narration& narration) {
  VIVID_ASSIGN(const StageResult video, video_result(call));
  VIVID_TRY(view_frames(call, narration, video));
  VIVID_TRY(stop_if_cancelled(call));
  VIVID_TRY(forgive(call, "described video",
                    call.timer.measure("descriptions", [&] { return write_described_film(call, narration); })));
  if (!wanted(call, Format::hls)) return {};
  const Status streamed = call.timer.measure("hls", [&] { return keep_stream(call, narration, video); });
  remove_hidden_rungs(call);
  return forgive(call, "hls", streamed);
}

Status write_sound(StageCall& call, const Narration& narration) {
  const std::filesystem::path& folder = call.task.work_directory;
  VIVID_ASSIGN(const SavedMaster master, load_master(folder / kSoundJson, folder / kNarrationWav, narration));
  Mp3Options options;
  options.path = folder / kNarrationMp3;
  options.title = call.storyboard.title;
  VIVID_TRY(write_mp3(options, master, [&call] {
    report(call, "mp3", kSoundFrom);
    return !call.environment.cancelled();
  }));
  return keep(call, kNarrationMp3);
}

Status write_manifest(StageCall& call, const Narration* narration) {
  ManifestFacts facts;
  facts.storyboard = call.storyboard;
  facts.options = call.task.options;
  facts.narration = narration;
  VIVID_ASSIGN(facts.stages, load_results(call.task.work_directory));
  std::erase_if(facts.stages, [](const auto& stage) { return stage.first == kStageFormatConversion; });
  facts.stages.emplace_back(kStageFormatConversion, call.result);
  for (const auto& [name, result] : facts.stages) {
    std::copy_if(result.files.begin(), result.files.end(), std::back_inserter(facts.files), is_for_readers);
  }
  facts.versions = library_versions();
  VIVID_TRY(write_file_durably(call.task.work_directory / kManifestJson, make_manifest(facts)));
  return keep(call, kManifestJson);
}

}  // namespace

Status convert_formats(StageCall& call) {
  std::optional<Narration> narration;
  if (is_there(call.task.work_directory / kNarrationJson)) {
    VIVID_ASSIGN(narration, load_narration(call.task.work_directory));
    report(call, "captions", kCaptionsFrom);
    VIVID_TRY(call.timer.measure("captions", [&] { return write_captions(call, *narration); }));
  }
  report(call, "text", kTextFrom);
  VIVID_TRY(call.timer.measure("text", [&] { return write_text(call); }));
  if (narration && is_there(call.task.work_directory / kVideoMp4)) VIVID_TRY(convert_video(call, *narration));
  VIVID_TRY(stop_if_cancelled(call));
  if (narration && wanted(call, Format::mp3)) {
    VIVID_TRY(forgive(call, "mp3", call.timer.measure("mp3", [&] { return write_sound(call, *narration); })));
  }
  VIVID_TRY(stop_if_cancelled(call));
  report(call, "manifest", kManifestFrom);
  return call.timer.measure("manifest", [&] { return write_manifest(call, narration ? &*narration : nullptr); });
}

}  // namespace vivid::render
