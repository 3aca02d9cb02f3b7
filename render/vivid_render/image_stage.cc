#include <string>

#include "base/files.h"
#include "render/compose/composer.h"
#include "render/package/publish.h"
#include "render/vivid_render/planned_narration.h"
#include "render/vivid_render/stage_functions.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

std::string still_name(std::size_t scene) {
  const std::string number = std::to_string(scene + 1);
  return std::string(kImagesFolder) + "/scene-" + (number.size() < 2 ? "0" : "") + number + ".png";
}

Status write_stills(StageCall& call, Composer& composer) {
  VIVID_TRY(make_directories(call.task.work_directory / kImagesFolder));
  const std::size_t count = call.storyboard.scenes.size();
  for (std::size_t scene = 0; scene < count; ++scene) {
    if (call.environment.cancelled()) return fail(ErrorCode::cancelled, "stopped between two stills");
    const std::string name = still_name(scene);
    UnfinishedFile file(call.task.work_directory / name);
    VIVID_TRY(composer.write_scene_still(static_cast<int>(scene), file.path()));
    VIVID_TRY(file.publish());
    VIVID_ASSIGN(ProducedFile product, describe_product(call.task.work_directory, name));
    call.result.files.push_back(std::move(product));
    Progress progress;
    progress.step = "stills";
    progress.fraction = static_cast<double>(scene + 1) / static_cast<double>(count);
    call.environment.report(progress);
  }
  return {};
}

}  // namespace

Status generate_images(StageCall& call) {
  const Narration narration = planned_narration(call.storyboard);
  VIVID_ASSIGN(const auto composer, call.timer.measure("layout", [&] {
    return Composer::create(call.storyboard, narration, call.task.options);
  }));
  call.result.warnings = composer->warnings();
  if (!call.task.options.scene_images) return {};
  return call.timer.measure("stills", [&] { return write_stills(call, *composer); });
}

}  // namespace vivid::render
