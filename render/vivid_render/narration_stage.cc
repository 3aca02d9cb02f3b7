#include "render/sound/saved_master.h"
#include "render/vivid_render/descriptions.h"
#include "render/vivid_render/kept_sound.h"
#include "render/vivid_render/music_choice.h"
#include "render/vivid_render/reuse.h"
#include "render/vivid_render/stage_functions.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

constexpr double kSpeakShare = 0.5;

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
    progress.fraction = total == 0 ? 1.0 : kSpeakShare * static_cast<double>(done) / static_cast<double>(total);
    call.environment.report(progress);
    return !call.environment.cancelled();
  };
  const Descriptions descriptions = call.task.options.audio_descriptions ? Descriptions::spoken : Descriptions::none;
  return call.timer.measure(
      "speak", [&] { return narrate(call.storyboard, *engine, call.task.work_directory, on_progress, descriptions); });
}

Status encode_sound(StageCall& call, const Narration& narration) {
  ChosenMusic chosen = call.timer.measure("music", [&] { return choose_music(call.storyboard, call.task.options); });
  if (!chosen.warning.empty()) call.result.warnings.push_back(std::move(chosen.warning));
  const SoundRecipe recipe{call.task.work_directory / kNarrationWav, narration, std::move(chosen.music)};
  Mp4Options options;
  options.path = call.task.work_directory / kNarrationM4a;
  options.title = call.storyboard.title;
  options.language = narration.language;
  for (std::size_t i = 0; i < narration.scenes.size() && i < call.storyboard.scenes.size(); ++i) {
    options.chapters.push_back({narration.scenes[i].start, narration.scenes[i].end, call.storyboard.scenes[i].title});
  }
  const auto on_progress = [&call](double part) {
    Progress progress;
    progress.step = "encode";
    progress.fraction = kSpeakShare + (1.0 - kSpeakShare) * part;
    call.environment.report(progress);
    return !call.environment.cancelled();
  };
  const auto cache = open_span_cache(call);
  VIVID_ASSIGN(SoundFile file, call.timer.measure("encode", [&] {
    return make_sound_file(recipe, options, cache.get(), on_progress);
  }));
  if (cache) add_reuse(*cache, call.result);
  VIVID_TRY(save_master({recipe, file.plan}, call.task.work_directory / kSoundJson));
  call.result.sound = file.levels;
  for (std::string& warning : file.warnings) call.result.warnings.push_back(std::move(warning));
  return {};
}

}  // namespace

Status synthesize_audio(StageCall& call) {
  VIVID_ASSIGN(const Narration narration, speak(call));
  call.result.warnings = narration.warnings;
  VIVID_TRY(encode_sound(call, narration));
  VIVID_TRY(call.timer.measure("descriptions", [&] { return write_described_sound(call, narration); }));
  call.result.language = narration.language;
  call.result.characters_spoken = narration.characters;
  call.result.media_seconds = std::chrono::duration<double>(narration.duration()).count();
  return call.timer.measure("checksum", [&]() -> Status {
    for (const char* name : {kNarrationWav, kNarrationJson, kSoundJson, kNarrationM4a}) {
      VIVID_ASSIGN(ProducedFile file, describe_product(call.task.work_directory, name));
      call.result.files.push_back(std::move(file));
    }
    return {};
  });
}

}  // namespace vivid::render
