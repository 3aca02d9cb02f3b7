#include "render/vivid_render/format_viewers.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "render/encode/video_encoder.h"
#include "render/formats/preview_sheet.h"
#include "render/formats/rung.h"
#include "render/formats/scene_pictures.h"
#include "render/formats/webm_film.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

// How far the stage is when formats are opened.
constexpr double kOpenFraction = 0.05;

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
  options.title = call.storyboard.title;
  options.language = narration.language;
  options.size = size_of_video(call);
  options.frames_per_second = call.task.options.frames_per_second;
  options.frames = composer.frame_count();
  options.keyframe_seconds = call.task.options.keyframe_seconds;
  options.threads = call.task.options.encoder_threads;
  const std::filesystem::path& folder = call.task.work_directory;
  VIVID_ASSIGN(const SavedMaster master, load_master(folder / kSoundJson, folder / kNarrationWav, narration));
  VIVID_ASSIGN(auto sound, CodedSound::make(master, kOpus, [&call] {
                 Progress progress;
                 progress.step = "opus";
                 progress.fraction = kOpenFraction;
                 call.environment.report(progress);
                 return !call.environment.cancelled();
               }));
  return WebmFilm::open(options, std::move(sound));
}

// In the way in which the video itself was made, so that players can change from one to the other.
Result<std::unique_ptr<Rung>> rung(const StageCall& call, const PictureSize& size, const StageResult& video) {
  RungOptions options;
  options.video = call.task.work_directory / kVideoMp4;
  options.path = rung_path(call, size);
  options.render = call.task.options;
  const EncoderKind* kind = find_encoder(video.encoder);
  const bool refused = kind != nullptr && kind->hardware && !call.task.options.hardware_refused.empty();
  options.render.encoder = refused ? "libx264" : video.encoder;
  if (!video.hold_problem.empty()) options.render.hold_still_frames = false;
  options.size = size;
  options.for_readers = call.task.options.formats.has(Format::ladder);
  // Of an earlier attempt.
  std::error_code ignored;
  std::filesystem::remove(options.path, ignored);
  return Rung::open(options);
}

template <typename Viewer>
Viewing viewing_of(std::string name, Result<std::unique_ptr<Viewer>> viewer) {
  Viewing viewing;
  viewing.name = std::move(name);
  if (viewer.has_value()) {
    viewing.viewer = std::move(*viewer);
  } else {
    viewing.outcome = tl::make_unexpected(std::move(viewer).error());
  }
  return viewing;
}

}  // namespace

PictureSize size_of_video(const StageCall& call) { return {call.task.options.width_px, call.task.options.height_px}; }

std::filesystem::path rung_path(const StageCall& call, const PictureSize& size) {
  const std::string name = size_name(size) + ".mp4";
  const bool for_readers = call.task.options.formats.has(Format::ladder);
  return call.task.work_directory / ((for_readers ? "video-" : ".hls-") + name);
}

Result<Viewing> make_thumbnail_viewing(const StageCall& call, const Composer& composer) {
  VIVID_ASSIGN(auto viewer, pictures(call, size_of_height(size_of_video(call), kThumbnailHeightPx),
                                     {{title_frame(call, composer), kThumbnailJpg}}));
  return Viewing{"thumbnail", std::move(viewer), {}};
}

std::vector<Viewing> make_format_viewings(const StageCall& call, const Composer& composer, const Narration& narration,
                                          const StageResult& video) {
  const Formats& wanted = call.task.options.formats;
  std::vector<Viewing> viewings;
  if (wanted.has(Format::poster)) {
    viewings.push_back(
        viewing_of("poster", pictures(call, size_of_video(call), {{title_frame(call, composer), kPosterJpg}})));
  }
  if (wanted.has(Format::thumbnails)) viewings.push_back(viewing_of("thumbnails", thumbnails(call, composer)));
  if (wanted.has(Format::sprite)) viewings.push_back(viewing_of("sprite", preview(call, composer)));
  if (wanted.has(Format::webm)) viewings.push_back(viewing_of("webm", webm(call, composer, narration)));
  if (wanted.has(Format::ladder) || wanted.has(Format::hls)) {
    for (const PictureSize& size : smaller_sizes(size_of_video(call))) {
      viewings.push_back(viewing_of(size_name(size), rung(call, size, video)));
    }
  }
  return viewings;
}

}  // namespace vivid::render
