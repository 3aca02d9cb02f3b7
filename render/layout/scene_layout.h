// A scene becomes pages: what stands where, at which size, and on which page.
//
// Threads: free functions; the engine belongs to one thread. Units: design pixels, see page.h.
#pragma once

#include <string>
#include <vector>

#include "render/layout/page.h"
#include "render/layout/text_engine.h"
#include "render/layout/theme.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

struct SceneContext {
  const TextEngine* engine = nullptr;
  Theme theme;
  double page_width = 1920.0;
  std::string language = "en";
  // A picture fills the frame behind the page: an image scene's own, or an asset as background.
  bool has_image = false;
  bool has_backdrop = false;
  std::string watermark;
  // A line at the lower edge shows how far the lesson has come, a part for each scene.
  bool progress_line = false;
  int scene_index = 0;
  int scene_count = 1;
  // Every text size times it, before text is fitted.
  double font_scale = 1.0;
  // What stays free above the foot: captions stand there.
  double caption_room = 0.0;
};

// At least one page. Every word of the scene is on exactly one page (a heading is repeated on the following ones).
std::vector<Page> lay_out_scene(const Scene& scene, const SceneContext& context);

// True if the scene is set from right to left.
bool scene_is_rtl(const Scene& scene, const std::string& language);

}  // namespace vivid::render
