// The scenes of a storyboard as pictures: pages are laid out once, assets loaded when their scene comes.
//
// Threads: belongs to one thread. Memory: two surfaces of the output's size and the images of one scene.
// Ownership: a painted surface is the painter's, valid until its next call.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/layout/page.h"
#include "render/layout/painter.h"
#include "render/layout/scene_layout.h"
#include "render/protocol/options.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

class ScenePainter {
 public:
  static Result<std::unique_ptr<ScenePainter>> create(const Storyboard& storyboard, const RenderOptions& options);

  const std::vector<std::vector<Page>>& pages() const { return pages_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  std::size_t scene_count() const { return storyboard_.scenes.size(); }
  std::string scene_title(std::size_t scene) const;
  // True if the scene's picture changes from frame to frame.
  bool moves(int scene) const;
  bool is_rtl(int scene) const;

  // `progress` through the scene, 0 … 1, is where the camera is.
  Result<cairo_surface_t*> paint(int scene, int page, int step, double progress);
  Status write_still(int scene, const std::filesystem::path& png);

 private:
  ScenePainter(const Storyboard& storyboard, const RenderOptions& options);
  Status lay_out();
  Theme theme_of(const Scene& scene) const;

  Storyboard storyboard_;
  RenderOptions options_;
  TextEngine engine_;
  std::vector<std::vector<Page>> pages_;
  std::vector<std::string> warnings_;
  SurfacePtr surface_;
};

}  // namespace vivid::render
