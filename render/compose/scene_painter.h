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
  // What a scene needs besides its text.
  struct Assets {
    std::string image;        // the picture that fills the frame: path, or empty
    bool is_subject = false;  // it is what the scene shows, not what it shows things upon
  };

  ScenePainter(const Storyboard& storyboard, const RenderOptions& options);
  void lay_out();
  Assets find_assets(const Scene& scene);
  Theme theme_of(const Scene& scene) const;
  Status load_scene(int scene);
  Status paint_behind(int scene, const Page& page, double progress);

  Storyboard storyboard_;
  RenderOptions options_;
  TextEngine engine_;
  std::vector<Assets> assets_;
  std::vector<std::vector<Page>> pages_;
  std::vector<std::string> warnings_;
  SurfacePtr surface_;
  // Of the scene that was painted last.
  int loaded_scene_ = -1;
  SurfacePtr image_;
  // The page over a moving picture, drawn once.
  SurfacePtr overlay_;
  int overlay_scene_ = -1;
  int overlay_page_ = -1;
  int overlay_step_ = -1;
};

}  // namespace vivid::render
