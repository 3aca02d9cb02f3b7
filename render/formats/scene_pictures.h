// Stills of chosen frames, as JPEG: poster, thumbnail, a picture a scene.
//
// Threads, errors: as FrameViewer. Memory: one picture of each size.
#pragma once

#include <filesystem>
#include <map>
#include <memory>

#include "render/formats/frame_viewer.h"
#include "render/formats/picture_scaler.h"

namespace vivid::render {

inline constexpr int kThumbnailHeightPx = 720;
inline constexpr int kSceneThumbnailHeightPx = 360;

// Where the picture of a scene is whole: its last frame, before the next scene comes in. None for a scene that is never
// seen.
std::optional<std::int64_t> whole_frame(const SceneFrames& scene);
// "thumbnails/scene-01.jpg" for the first.
std::string scene_thumbnail_name(std::size_t scene);

class ScenePictures : public FrameViewer {
 public:
  // Which frame becomes which file, relative to `directory`.
  using Wanted = std::multimap<std::int64_t, std::string>;
  // Every picture is scaled from `from` to `to`.
  static Result<std::unique_ptr<ScenePictures>> create(const std::filesystem::path& directory, const PictureSize& from,
                                                       const PictureSize& to, Wanted wanted);

  std::optional<std::int64_t> next(std::int64_t index) const override;
  Status show(std::int64_t index, const ComposedFrame& frame) override;
  Status finish() override { return {}; }
  std::vector<std::string> products() const override;

 private:
  ScenePictures(std::filesystem::path directory, std::unique_ptr<PictureScaler> scaler, Wanted wanted);

  std::filesystem::path directory_;
  std::unique_ptr<PictureScaler> scaler_;
  Wanted wanted_;
};

}  // namespace vivid::render
