// The scenes of a storyboard as pictures: pages are laid out once, assets loaded when they are painted.
//
// Threads: belongs to one thread. Memory: the layout of all scenes; pictures are the caller's.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/compose/camera.h"
#include "render/compose/pixels.h"
#include "render/compose/timeline.h"
#include "render/layout/formula_table.h"
#include "render/layout/page_layers.h"
#include "render/layout/painter.h"
#include "render/layout/scene_layout.h"
#include "render/protocol/options.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

class ScenePainter {
 public:
  static Result<std::unique_ptr<ScenePainter>> create(const Storyboard& storyboard, const RenderOptions& options);

  // As it is shown: with private characters for its formulas.
  const Storyboard& storyboard() const { return storyboard_; }
  // What the timeline must know of the scenes.
  std::vector<StageScene> stage() const;
  const std::vector<std::string>& warnings() const { return warnings_; }
  std::size_t scene_count() const { return storyboard_.scenes.size(); }
  std::string scene_title(std::size_t scene) const;

  // What fills the frame below the page's layers, where no camera moves over it, and where one does.
  Result<YuvFrame> paint_base(int scene, int page);
  Result<CameraSource> paint_camera_source(int scene, int page);
  // The layer's pixels within the bounds that stage() gives it.
  Result<LayerPixels> paint_layer(int scene, int page, std::size_t layer);
  // As much of it as is drawn, 0 … 1, within the bounds of the place it has then.
  Result<LayerPixels> paint_layer(int scene, int page, std::size_t layer, double drawn, const LayerPlace& place);

  // The frame that stands for a scene: its last page, fully shown.
  Status write_still(int scene, const std::filesystem::path& png);

 private:
  // What a scene needs besides its text.
  struct Assets {
    std::string image;        // the picture that fills the frame: path, or empty
    bool is_subject = false;  // it is what the scene shows, not what it shows things upon
  };

  ScenePainter(const Storyboard& storyboard, const RenderOptions& options, const FormulaTable& formulas);
  void lay_out();
  Assets find_assets(const Scene& scene);
  const Page& page_of(int scene, int page) const;
  Theme theme_of(int scene) const;
  bool moves(std::size_t scene) const;
  PixelRect bounds_of(const PageLayer& layer) const;
  std::string base_identity(std::size_t scene, const Page& page) const;
  // The picture that fills the frame; null: none does.
  Result<SurfacePtr> load_picture(int scene) const;
  // A surface of the frame's size, painted with all that lies below the layers.
  Result<SurfacePtr> paint_behind(int scene, const Page& page);

  Storyboard storyboard_;
  std::vector<std::string> titles_;  // of the scenes, as plain text
  RenderOptions options_;
  TextEngine engine_;
  std::vector<Assets> assets_;
  std::vector<std::vector<Page>> pages_;
  std::vector<std::vector<std::vector<PageLayer>>> layers_;
  std::vector<std::string> warnings_;
};

}  // namespace vivid::render
