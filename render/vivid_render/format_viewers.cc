#include "render/vivid_render/format_viewers.h"

#include <algorithm>
#include <utility>

#include "render/formats/preview_sheet.h"
#include "render/formats/scene_pictures.h"
#include "render/formats/webm_film.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

PictureSize size_of_video(const StageCall& call) { return {call.task.options.width_px, call.task.options.height_px}; }

// The title scene when all of it is shown, or else the first that is seen.
std::int64_t title_frame(const StageCall& call, const Composer& composer) {
  const std::vector<SceneFrames>& seen = composer.scenes();
  const auto& scenes = call.storyboard.scenes;
  for (std::size_t i = 0; i < std::min(scenes.size(), seen.size()); ++i) {
    const auto frame = whole_frame(seen[i]);
    if (scenes[i].kind == SceneKind::title && frame) return *frame;
  }
  for (const SceneFrames& scene : seen) {
    if (const auto frame = whole_frame(scene)) return *frame;
  }
  return 0;
}

Result<std::unique_ptr<ScenePictures>> pictures(const StageCall& call, const PictureSize& size,
                                                ScenePictures::Wanted wanted) {
  return ScenePictures::create(call.task.work_directory, size_of_video(call), size, std::move(wanted));
}

Result<std::unique_ptr<ScenePictures>> thumbnails(const StageCall& call, const Composer& composer) {
  ScenePictures::Wanted wanted;
  for (std::size_t i = 0; i < composer.scenes().size(); ++i) {
    if (const auto frame = whole_frame(composer.scenes()[i])) wanted.emplace(*frame, scene_thumbnail_name(i));
  }
  return pictures(call, size_of_height(size_of_video(call), kSceneThumbnailHeightPx), std::move(wanted));
}

Result<std::unique_ptr<PreviewSheet>> preview(const StageCall& call, const Composer& composer) {
  const PreviewPlan plan =
      plan_preview(composer.frame_count(), call.task.options.frames_per_second, size_of_video(call));
  return PreviewSheet::create(call.task.work_directory, plan, size_of_video(call));
}

Result<std::unique_ptr<WebmFilm>> webm(const StageCall& call, const Composer& composer, const Narration& narration) {
  WebmOptions options;
  options.directory = call.task.work_directory;
  options.sound = call.task.work_directory / kNarrationM4a;
  options.title = call.storyboard.title;
  options.language = narration.language;
  options.size = size_of_video(call);
  options.frames_per_second = call.task.options.frames_per_second;
  options.frames = composer.frame_count();
  options.keyframe_seconds = call.task.options.keyframe_seconds;
  options.threads = call.task.options.encoder_threads;
  return WebmFilm::open(options);
}

template <typename Viewer>
Viewing viewing_of(Format format, Result<std::unique_ptr<Viewer>> viewer) {
  Viewing viewing;
  viewing.name = std::string(to_text(format));
  if (viewer.has_value()) {
    viewing.viewer = std::move(*viewer);
  } else {
    viewing.outcome = tl::make_unexpected(std::move(viewer).error());
  }
  return viewing;
}

}  // namespace

Result<Viewing> make_thumbnail_viewing(const StageCall& call, const Composer& composer) {
  VIVID_ASSIGN(auto viewer, pictures(call, size_of_height(size_of_video(call), kThumbnailHeightPx),
                                     {{title_frame(call, composer), kThumbnailJpg}}));
  return Viewing{"thumbnail", std::move(viewer), {}};
}

std::vector<Viewing> make_format_viewings(const StageCall& call, const Composer& composer, const Narration& narration) {
  const Formats& wanted = call.task.options.formats;
  std::vector<Viewing> viewings;
  if (wanted.has(Format::poster)) {
    viewings.push_back(
        viewing_of(Format::poster, pictures(call, size_of_video(call), {{title_frame(call, composer), kPosterJpg}})));
  }
  if (wanted.has(Format::thumbnails)) viewings.push_back(viewing_of(Format::thumbnails, thumbnails(call, composer)));
  if (wanted.has(Format::sprite)) viewings.push_back(viewing_of(Format::sprite, preview(call, composer)));
  if (wanted.has(Format::webm)) viewings.push_back(viewing_of(Format::webm, webm(call, composer, narration)));
  return viewings;
}

}  // namespace vivid::render
