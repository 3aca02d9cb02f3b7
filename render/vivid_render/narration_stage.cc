#include "render/package/audio_feed.h"
#include "render/vivid_render/stage_functions.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

// Sound is cut into pieces this long, so that a wish to stop is heard soon.
constexpr std::chrono::seconds kAudioPiece{5};

Result<Narration> speak(StageCall& call) {
  SpeechOptions options;
  options.engine = call.task.options.speech;
  options.language = call.storyboard.language;
  options.words_per_minute = call.task.options.words_per_minute;
  options.voice = call.task.options.voice;
  VIVID_ASSIGN(SpeechEngine * engine,
               call.timer.measure("voice", [&] { return call.environment.voices.get(options); }));
  const auto on_progress = [&call](std::int64_t done, std::int64_t total) {
    Progress progress;
    progress.step = "speak";
    progress.fraction = total == 0 ? 1.0 : 0.9 * static_cast<double>(done) / static_cast<double>(total);
    call.environment.report(progress);
    return !call.environment.cancelled();
  };
  return call.timer.measure("speak",
                            [&] { return narrate(call.storyboard, *engine, call.task.work_directory, on_progress); });
}

Status encode_sound(StageCall& call, const Narration& narration) {
  VIVID_ASSIGN(AudioFeed feed, AudioFeed::open(call.task.work_directory / kNarrationWav));
  Mp4Options options;
  options.path = call.task.work_directory / kNarrationM4a;
  options.title = call.storyboard.title;
  options.language = narration.language;
  for (std::size_t i = 0; i < narration.scenes.size() && i < call.storyboard.scenes.size(); ++i) {
    options.chapters.push_back({narration.scenes[i].start, narration.scenes[i].end, call.storyboard.scenes[i].title});
  }
  VIVID_ASSIGN(auto writer, Mp4Writer::open(options, nullptr, feed.encoder()));
  while (feed.position() < feed.duration()) {
    if (call.environment.cancelled()) return fail(ErrorCode::cancelled, "stopped while encoding the sound");
    Progress progress;
    progress.step = "encode";
    progress.fraction =
        0.9 + 0.1 * static_cast<double>(feed.position().count()) / static_cast<double>(feed.duration().count());
    call.environment.report(progress);
    VIVID_TRY(feed.advance_to(feed.position() + kAudioPiece, *writer));
  }
  VIVID_TRY(feed.finish(*writer));
  return writer->finish();
}

}  // namespace

Status synthesize_audio(StageCall& call) {
  VIVID_ASSIGN(const Narration narration, speak(call));
  VIVID_TRY(call.timer.measure("encode", [&] { return encode_sound(call, narration); }));
  call.result.language = narration.language;
  call.result.warnings = narration.warnings;
  call.result.characters_spoken = narration.characters;
  call.result.media_seconds = std::chrono::duration<double>(narration.duration()).count();
  return call.timer.measure("checksum", [&]() -> Status {
    for (const char* name : {kNarrationWav, kNarrationJson, kNarrationM4a}) {
      VIVID_ASSIGN(ProducedFile file, describe_product(call.task.work_directory, name));
      call.result.files.push_back(std::move(file));
    }
    return {};
  });
}

}  // namespace vivid::render
