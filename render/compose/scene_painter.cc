#include "render/compose/scene_painter.h"

#include <utility>

namespace vivid::render {

ScenePainter::ScenePainter(const Storyboard& storyboard, const RenderOptions& options)
    : storyboard_(storyboard), options_(options), engine_(storyboard.language) {}

Result<std::unique_ptr<ScenePainter>> ScenePainter::create(const Storyboard& storyboard, const RenderOptions& options) {
  std::unique_ptr<ScenePainter> painter(new ScenePainter(storyboard, options));
  VIVID_ASSIGN(painter->surface_, make_surface(options.width_px, options.height_px));
  VIVID_TRY(painter->lay_out());
  return painter;
}

Status ScenePainter::lay_out() {
  for (const Scene& scene : storyboard_.scenes) {
    SceneContext context;
    context.engine = &engine_;
    context.theme = theme_of(scene);
    context.page_width = kPageHeight * options_.width_px / options_.height_px;
    context.language = storyboard_.language;
    context.deck_title = storyboard_.title;
    context.watermark = options_.watermark;
    pages_.push_back(lay_out_scene(scene, context));
  }
  return {};
}

Theme ScenePainter::theme_of(const Scene& scene) const {
  const auto color = parse_color(scene.background);
  return color ? theme_on(storyboard_.subject, *color) : theme_for(storyboard_.subject);
}

std::string ScenePainter::scene_title(std::size_t scene) const {
  const Scene& wanted = storyboard_.scenes[scene];
  if (!wanted.title.empty()) return wanted.title;
  return wanted.text_overlay.empty() ? storyboard_.title : wanted.text_overlay;
}

bool ScenePainter::moves(int) const { return false; }

bool ScenePainter::is_rtl(int scene) const {
  return scene_is_rtl(storyboard_.scenes[static_cast<std::size_t>(scene)], storyboard_.language);
}

Result<cairo_surface_t*> ScenePainter::paint(int scene, int page, int step, double) {
  const auto index = static_cast<std::size_t>(scene);
  const Theme theme = theme_of(storyboard_.scenes[index]);
  paint_backdrop(surface_.get(), theme);
  paint_page(surface_.get(), engine_, theme, pages_[index][static_cast<std::size_t>(page)], step);
  return surface_.get();
}

Status ScenePainter::write_still(int scene, const std::filesystem::path& png) {
  const auto index = static_cast<std::size_t>(scene);
  if (scene < 0 || index >= pages_.size()) {
    return fail(ErrorCode::invalid_input, "scene " + std::to_string(scene) + " of " + std::to_string(pages_.size()));
  }
  const std::vector<Page>& pages = pages_[index];
  const int last_step = static_cast<int>(pages.back().steps.size()) - 1;
  VIVID_ASSIGN(cairo_surface_t * surface, paint(scene, static_cast<int>(pages.size()) - 1, last_step, 0.5));
  return write_png(surface, png);
}

}  // namespace vivid::render
