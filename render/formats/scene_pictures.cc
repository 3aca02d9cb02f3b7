#include "render/formats/scene_pictures.h"

#include <utility>

#include "base/files.h"
#include "render/formats/jpeg.h"

namespace vivid::render {

std::optional<std::int64_t> whole_frame(const SceneFrames& scene) {
  if (scene.count <= 0) return std::nullopt;
  return scene.first + scene.count - 1;
}

std::string scene_thumbnail_name(std::size_t scene) {
  const std::string number = std::to_string(scene + 1);
  return std::string("thumbnails/scene-") + (number.size() < 2 ? "0" : "") + number + ".jpg";
}

ScenePictures::ScenePictures(std::filesystem::path directory, std::unique_ptr<PictureScaler> scaler, Wanted wanted)
    : directory_(std::move(directory)), scaler_(std::move(scaler)), wanted_(std::move(wanted)) {}

Result<std::unique_ptr<ScenePictures>> ScenePictures::create(const std::filesystem::path& directory,
                                                             const PictureSize& from, const PictureSize& to,
                                                             Wanted wanted) {
  VIVID_ASSIGN(auto scaler, PictureScaler::create(from, to, PictureColors::jpeg));
  for (const auto& [frame, name] : wanted) VIVID_TRY(make_directories((directory / name).parent_path()));
  return std::unique_ptr<ScenePictures>(new ScenePictures(directory, std::move(scaler), std::move(wanted)));
}

std::optional<std::int64_t> ScenePictures::next(std::int64_t index) const {
  const auto found = wanted_.lower_bound(index);
  if (found == wanted_.end()) return std::nullopt;
  return found->first;
}

Status ScenePictures::show(std::int64_t index, const ComposedFrame& frame) {
  const auto [first, last] = wanted_.equal_range(index);
  if (first == last) return {};
  VIVID_ASSIGN(const YuvView scaled, scaler_->scale(frame.picture));
  VIVID_ASSIGN(const std::string jpeg, encode_jpeg(scaled));
  for (auto wanted = first; wanted != last; ++wanted) {
    VIVID_TRY(write_file_durably(directory_ / wanted->second, jpeg));
  }
  return {};
}

std::vector<std::string> ScenePictures::products() const {
  std::vector<std::string> names;
  for (const auto& [frame, name] : wanted_) names.push_back(name);
  return names;
}

}  // namespace vivid::render
