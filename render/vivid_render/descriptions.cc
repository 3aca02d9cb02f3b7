#include "render/vivid_render/descriptions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/files.h"
#include "render/formats/described_film.h"
#include "render/package/sound_file.h"
#include "render/vivid_render/music_choice.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

Status keep(StageCall& call, const char* name) {
  VIVID_ASSIGN(ProducedFile file, describe_product(call.task.work_directory, name));
  call.result.files.push_back(std::move(file));
  return {};
}

// Narration and descriptions as one voice, which music makes way for.
Narration all_that_is_said(const Narration& narration) {
  Narration all = narration;
  all.utterances.insert(all.utterances.end(), narration.descriptions.begin(), narration.descriptions.end());
  std::stable_sort(all.utterances.begin(), all.utterances.end(),
                   [](const SpokenUtterance& a, const SpokenUtterance& b) { return a.start < b.start; });
  return all;
}

}  // namespace

Status write_described_sound(StageCall& call, const Narration& narration) {
  if (!call.task.options.audio_descriptions) return {};
  if (narration.descriptions.empty()) {
    call.result.warnings.emplace_back("nothing is described: no scene has a visual_description");
    return {};
  }
  const Narration all = all_that_is_said(narration);
  ChosenMusic chosen = choose_music(call.storyboard, call.task.options);
  const SoundRecipe recipe{call.task.work_directory / kDescribedWav, all, std::move(chosen.music)};
  Mp4Options options;
  options.path = call.task.work_directory / kDescribedM4a;
  options.title = call.storyboard.title;
  options.language = narration.language;
  VIVID_ASSIGN(SoundFile file, write_sound_file(recipe, options, [&call](double) {
                 Progress progress;
                 progress.step = "descriptions";
                 progress.fraction = 1.0;
                 call.environment.report(progress);
                 return !call.environment.cancelled();
               }));
  for (std::string& warning : file.warnings) call.result.warnings.push_back("with descriptions, " + warning);
  return keep(call, kDescribedM4a);
}

Status write_description_cues(StageCall& call, const Narration& narration) {
  if (narration.descriptions.empty()) return {};
  VIVID_TRY(write_file_durably(call.task.work_directory / kDescriptionsVtt, to_webvtt(description_cues(narration))));
  return keep(call, kDescriptionsVtt);
}

Status write_described_film(StageCall& call, const Narration& narration) {
  if (narration.descriptions.empty()) return {};
  DescribedFilm film;
  film.video = call.task.work_directory / kVideoMp4;
  film.described_sound = call.task.work_directory / kDescribedM4a;
  film.path = call.task.work_directory / kDescribedMp4;
  VIVID_TRY(write_described_film(film, [&call] { return !call.environment.cancelled(); }));
  return keep(call, kDescribedMp4);
}

}  // namespace vivid::render
