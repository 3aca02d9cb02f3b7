#include <algorithm>
#include <optional>
#include <string>

#include "base/files.h"
#include "render/compose/composer.h"
#include "render/encode/library_versions.h"
#include "render/package/manifest.h"
#include "render/package/publish.h"
#include "render/package/thumbnail.h"
#include "render/vivid_render/planned_narration.h"
#include "render/vivid_render/stage_functions.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

void report(const StageCall& call, const char* step, double fraction) {
  Progress progress;
  progress.step = step;
  progress.fraction = fraction;
  call.environment.report(progress);
}

Status keep(StageCall& call, const char* name) {
  VIVID_ASSIGN(ProducedFile file, describe_product(call.task.work_directory, name));
  call.result.files.push_back(std::move(file));
  return {};
}

Status write_captions(StageCall& call, const Narration& narration) {
  VIVID_TRY(write_file_durably(call.task.work_directory / kCaptionsVtt, to_webvtt(make_captions(narration))));
  return keep(call, kCaptionsVtt);
}

Status write_text(StageCall& call) {
  VIVID_TRY(write_file_durably(call.task.work_directory / kTextMd, to_markdown(call.storyboard)));
  return keep(call, kTextMd);
}

// The title scene, or else the first, as it looks when all of it is shown.
Status write_title_thumbnail(StageCall& call) {
  const auto& scenes = call.storyboard.scenes;
  const auto title =
      std::find_if(scenes.begin(), scenes.end(), [](const Scene& scene) { return scene.kind == SceneKind::title; });
  const int index = title == scenes.end() ? 0 : static_cast<int>(title - scenes.begin());
  VIVID_ASSIGN(const auto composer,
               Composer::create(call.storyboard, planned_narration(call.storyboard), call.task.options));
  // Never published: it goes when the thumbnail is made.
  const UnfinishedFile still(call.task.work_directory / "thumbnail.png");
  VIVID_TRY(composer->write_scene_still(index, still.path()));
  VIVID_TRY(write_thumbnail(still.path(), call.task.work_directory / kThumbnailJpg));
  return keep(call, kThumbnailJpg);
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
    report(call, "captions", 0.1);
    VIVID_TRY(call.timer.measure("captions", [&] { return write_captions(call, *narration); }));
  }
  report(call, "text", 0.3);
  VIVID_TRY(call.timer.measure("text", [&] { return write_text(call); }));
  if (is_there(call.task.work_directory / kVideoMp4)) {
    report(call, "thumbnail", 0.4);
    VIVID_TRY(call.timer.measure("thumbnail", [&] { return write_title_thumbnail(call); }));
  }
  report(call, "manifest", 0.9);
  return call.timer.measure("manifest", [&] { return write_manifest(call, narration ? &*narration : nullptr); });
}

}  // namespace vivid::render
