#include "render/vivid_render/music_choice.h"

#include <utility>

#include "render/layout/image_asset.h"

namespace vivid::render {
namespace {

Result<MusicFacts> find_music(const std::filesystem::path& root, const std::string& name) {
  VIVID_ASSIGN(const auto path, resolve_asset(root, name));
  return measure_music(path);
}

}  // namespace

ChosenMusic choose_music(const Storyboard& storyboard, const RenderOptions& options) {
  const std::string& name = storyboard.music.empty() ? options.music : storyboard.music;
  if (name.empty() || name == "none") return {};
  auto found = find_music(options.asset_root, name);
  if (found.has_value()) return {std::move(*found), {}};
  return {std::nullopt, "music not played: " + found.error().message};
}

}  // namespace vivid::render
