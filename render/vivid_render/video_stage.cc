#include <optional>
#include <string>
#include <vector>

#include "render/compose/composer.h"
#include "render/encode/av_log.h"
#include "render/encode/encoder_choice.h"
#include "render/package/audio_feed.h"
#include "render/spans/span_film.h"
#include "render/vivid_render/drawing.h"
#include "render/vivid_render/held_time.h"
#include "render/vivid_render/reuse.h"
#include "render/vivid_render/stage_functions.h"
#include "render/vivid_render/work_files.h"

extern "C" {
#include <libavcodec/packet.h>
}

namespace vivid::render {
namespace {

using std::chrono::microseconds;

microseconds time_of_frame(std::int64_t frame, int frames_per_second) {
  return microseconds(frame * 1'000'000 / frames_per_second);
}

Mp4Options mp4_options(const StageCall& call, const Narration& narration, const Composer& composer) {
  Mp4Options options;
  options.path = call.task.work_directory / kVideoMp4;
  options.title = call.storyboard.title;
  options.language = narration.language;
  options.caption_language = call.storyboard.language;
  const CaptionMode captions = call.task.options.captions;
  const bool as_track = captions == CaptionMode::track || captions == CaptionMode::shown;
  if (as_track) options.captions = make_captions(narration);
  options.captions_shown = captions == CaptionMode::shown;
  options.caption_scale = call.task.options.font_scale;
  const int rate = call.task.options.frames_per_second;
  for (const SceneFrames& scene : composer.scenes()) {
    const std::string number = std::to_string(options.chapters.size() + 1);
    options.chapters.push_back({time_of_frame(scene.first, rate), time_of_frame(scene.first + scene.count, rate),
                                scene.title.empty() ? number : scene.title});
  }
  return options;
}

// Why a video could not be made in the way that was tried, though it can be in another; empty: that is not so.
struct FilmProblems {
  std::string hold;
  std::string joint;
};

// Brings frames through encoders into the file, with the sound beside them.
class Filming {
 public:
  Filming(StageCall& call, Composer& composer, VideoEncoder& encoder, AudioFeed& audio, Mp4Writer& writer)
      : call_(call),
        composer_(composer),
        encoder_(encoder),
        audio_(audio),
        writer_(writer),
        began_(call.timer.since_beginning()) {}

  // Out of spans, each of which has an encoder of its own or was encoded before.
  Status run_in_spans(const RenderOptions& options, FilmProblems& problems) {
    const auto cache = open_span_cache(call_);
    const std::int64_t total = composer_.frame_count();
    SpanFilmed filmed;
    const Status status = film_in_spans(
        {composer_, encoder_, options, span_budget(options, usable_processors()), cache.get(), call_.environment.clock,
         call_.environment.cancelled, [&](std::int64_t done) { report(done, total); }},
        sink(), filmed);
    call_.timer.add("look up", filmed.looking);
    call_.timer.add("compose", filmed.composing);
    call_.timer.add("encode", filmed.encoding);
    if (cache) add_reuse(*cache, call_.result);
    problems = {filmed.hold_problem, filmed.joint_problem};
    VIVID_TRY(status);
    call_.result.frames_encoded = filmed.pictures;
    return finish();
  }

  // All of them through one encoder.
  Status run(FilmProblems& problems) {
    const Status status = encode_all();
    problems.hold = encoder_.hold_problem();
    VIVID_TRY(status);
    call_.result.frames_encoded = encoder_.pictures_encoded();
    return finish();
  }

 private:
  Status encode_all() {
    const std::int64_t total = composer_.frame_count();
    for (std::int64_t i = 0; i < total; ++i) {
      if (call_.environment.cancelled()) {
        return fail(ErrorCode::cancelled, "stopped at frame " + std::to_string(i) + " of " + std::to_string(total));
      }
      VIVID_ASSIGN(const ComposedFrame frame, call_.timer.measure("compose", [&] { return composer_.frame(i); }));
      VIVID_TRY(call_.timer.measure("encode", [&] { return encoder_.encode(i, frame, sink()); }));
      report(i + 1, total);
    }
    return call_.timer.measure("encode", [&] { return encoder_.finish(sink()); });
  }

  Status finish() {
    VIVID_TRY(call_.timer.measure("sound", [&] { return audio_.finish(writer_); }));
    return call_.timer.measure("mux", [&] { return writer_.finish(); });
  }

  // The sound follows the pictures that come out, not those that go in: an encoder may keep them for long.
  PacketSink sink() {
    return [this](AVPacket& packet) -> Status {
      const microseconds time = time_of_frame(packet.dts, encoder_.frames_per_second());
      VIVID_TRY(call_.timer.measure("sound", [&] { return audio_.advance_to(time, writer_); }));
      return call_.timer.measure("mux", [&] { return writer_.write_video(packet); });
    };
  }

  void report(std::int64_t done, std::int64_t total) const {
    const double seconds = std::chrono::duration<double>(call_.timer.since_beginning() - began_).count();
    Progress progress;
    progress.step = "encode";
    progress.fraction = static_cast<double>(done) / static_cast<double>(total);
    progress.frames_done = done;
    progress.frames_total = total;
    progress.frames_per_second = seconds > 0 ? static_cast<double>(done) / seconds : 0.0;
    call_.environment.report(progress);
  }

  StageCall& call_;
  Composer& composer_;
  VideoEncoder& encoder_;
  AudioFeed& audio_;
  Mp4Writer& writer_;
  microseconds began_;
};

void tell_encoder(StageCall& call, const ChosenEncoder& chosen) {
  const std::string& asked = call.task.options.encoder;
  call.result.encoder = chosen.encoder->name();
  call.result.fallback_reason = chosen.fallback_reason;
  // Whoever asked for an encoder by name is told that another one worked; "auto" leaves the choice to us.
  if (asked != "auto" && !chosen.fallback_reason.empty()) {
    call.result.warnings.push_back("encoder " + asked + " was asked for, " + call.result.encoder +
                                   " encoded instead: " + chosen.fallback_reason);
  }
}

// Lost, hung up, out of memory: the next attempt finds out whether the device is well again.
Error device_failure(const Error& error, const std::vector<std::string>& said) {
  std::string message = "the GPU failed: " + error.message;
  for (const std::string& line : said) message += "; " + line;
  return {ErrorCode::unavailable, std::move(message)};
}

// Holds an encoder no longer than there are frames for it. When it fails and there is a problem, no file was written,
// and another go may do without held frames, or without spans.
Status film(StageCall& call, const Narration& narration, Composer& composer, const RenderOptions& options,
            bool in_spans, FilmProblems& problems) {
  const SteadyTime began = call.environment.clock.steady_now();
  std::optional<HeldTime> gpu;
  VIVID_ASSIGN(ChosenEncoder chosen, call.timer.measure("open", [&] { return choose_encoder(options); }));
  if (find_encoder(chosen.encoder->name())->hardware) {
    gpu.emplace(call.environment.clock, began, call.result.gpu_seconds);
  }
  VIVID_ASSIGN(AudioFeed audio, AudioFeed::open(call.task.work_directory / kNarrationM4a));
  VIVID_ASSIGN(const auto writer,
               Mp4Writer::open(mp4_options(call, narration, composer), chosen.encoder.get(), audio.track()));
  Filming filming(call, composer, *chosen.encoder, audio, *writer);
  const AvLogCapture said;
  const bool as_spans = in_spans && films_in_spans(*chosen.encoder, options);
  const Status filmed = as_spans ? filming.run_in_spans(options, problems) : filming.run(problems);
  if (!filmed.has_value() && gpu && problems.hold.empty() && filmed.error().code == ErrorCode::internal) {
    call.environment.device_failed = true;
    return tl::make_unexpected(device_failure(filmed.error(), said.lines()));
  }
  VIVID_TRY(filmed);
  for (const std::string& line : said.lines()) call.result.warnings.push_back("FFmpeg: " + line);
  tell_encoder(call, chosen);
  return {};
}

// Where nearly every picture differs, as under a camera that moves on, there is nothing to hold: the encoder then sees
// every frame, with all the tools that its preset has and held stretches forbid.
bool moves_on(const Composer& composer) {
  std::int64_t held = 0;
  for (std::int64_t i = 0; i < composer.frame_count(); ++i) {
    const FrameMark mark = composer.mark(i);
    if (mark.held || mark.mixed) ++held;
  }
  return held * 10 < composer.frame_count();
}

Status film_somehow(StageCall& call, const Narration& narration, Composer& composer) {
  RenderOptions options = call.task.options;
  options.hold_still_frames = options.hold_still_frames && !moves_on(composer);
  FilmProblems problems;
  Status filmed = film(call, narration, composer, options, true, problems);
  if (!filmed.has_value() && !problems.joint.empty()) {
    call.result.warnings.push_back("one encoder made the whole video: " + problems.joint);
    problems = {};
    filmed = film(call, narration, composer, options, false, problems);
  }
  if (!filmed.has_value() && !problems.hold.empty()) {
    options.hold_still_frames = false;
    FilmProblems none;
    filmed = film(call, narration, composer, options, false, none);
  }
  VIVID_TRY(filmed);
  call.result.hold_problem = problems.hold;
  if (!problems.hold.empty()) call.result.warnings.push_back("every frame was encoded: " + problems.hold);
  return {};
}

// Lays out, draws in `studio`, and encodes.
Status make_film(StageCall& call, const Narration& narration, std::unique_ptr<Studio> studio) {
  const RenderOptions& options = call.task.options;
  VIVID_ASSIGN(const auto composer, call.timer.measure("layout", [&] {
    return Composer::create(call.storyboard, narration, options, std::move(studio));
  }));
  call.result.warnings = composer->warnings();
  VIVID_TRY(film_somehow(call, narration, *composer));
  call.result.frames = composer->frame_count();
  call.result.media_seconds = static_cast<double>(composer->frame_count()) / options.frames_per_second;
  return {};
}

}  // namespace

Status generate_video(StageCall& call) {
  VIVID_ASSIGN(const Narration narration, load_narration(call.task.work_directory));
  Drawing drawing = choose_drawing(call);
  const bool on_device = drawing.studio != nullptr;
  Status filmed = make_film(call, narration, std::move(drawing.studio));
  if (!filmed.has_value() && on_device) {
    drawing.problem = after_failure(call, filmed);
    if (!drawing.problem.empty()) filmed = make_film(call, narration, nullptr);
  }
  VIVID_TRY(filmed);
  tell_drawing(call, drawing);
  VIVID_ASSIGN(ProducedFile file,
               call.timer.measure("checksum", [&] { return describe_product(call.task.work_directory, kVideoMp4); }));
  call.result.files.push_back(std::move(file));
  return {};
}

}  // namespace vivid::render
