#include "render/compose/scene_painter.h"

#include <utility>

#include "render/layout/image_asset.h"

namespace vivid::render {

ScenePainter::ScenePainter(const Storyboard& storyboard, const RenderOptions& options)
    : storyboard_(storyboard), options_(options), engine_(storyboard.language) {}

Result<std::unique_ptr<ScenePainter>> ScenePainter::create(const Storyboard& storyboard, const RenderOptions& options) {
  std::unique_ptr<ScenePainter> painter(new ScenePainter(storyboard, options));
  VIVID_ASSIGN(painter->surface_, make_surface(options.width_px, options.height_px));
  painter->lay_out();
  return painter;
}

void ScenePainter::lay_out() {
  for (const Scene& scene : storyboard_.scenes) {
    assets_.push_back(find_assets(scene));
    const Assets& assets = assets_.back();
    SceneContext context;
    context.engine = &engine_;
    context.theme = theme_of(scene);
    context.page_width = kPageHeight * options_.width_px / options_.height_px;
    context.language = storyboard_.language;
    context.has_image = !assets.image.empty() && assets.is_subject;
    context.has_backdrop = !assets.image.empty() && !assets.is_subject;
    context.watermark = options_.watermark;
    context.font_scale = options_.font_scale;
    pages_.push_back(lay_out_scene(scene, context));
  }
}

// Pictures are decoded here once to know whether they can be; what cannot be shown is said, and the theme stands in.
ScenePainter::Assets ScenePainter::find_assets(const Scene& scene) {
  const bool named_color = parse_color(scene.background).has_value();
  for (const bool is_subject : {true, false}) {
    const std::string& name = is_subject ? scene.image : scene.background;
    if (name.empty() || (!is_subject && named_color)) continue;
    auto path = resolve_asset(options_.asset_root, name);
    if (path.has_value()) {
      auto decoded = load_image(*path, options_.width_px, options_.height_px);
      // A picture named by a scene of another kind is what the scene stands upon.
      if (decoded.has_value()) return {path->string(), is_subject && scene.kind == SceneKind::image};
      path = tl::make_unexpected(std::move(decoded).error());
    }
    warnings_.push_back("scene " + std::to_string(scene.number) + ": " + (is_subject ? "image" : "background") +
                        " not shown: " + path.error().message);
  }
  if (scene.motion != Motion::none) {
    warnings_.push_back("scene " + std::to_string(scene.number) + ": motion is not drawn without an image");
  }
  return {};
}

Theme ScenePainter::theme_of(const Scene& scene) const {
  const auto color = parse_color(scene.background);
  const Contrast contrast = options_.high_contrast ? Contrast::high : Contrast::usual;
  return color ? theme_on(storyboard_.subject, *color, contrast) : theme_for(storyboard_.subject, contrast);
}

std::string ScenePainter::scene_title(std::size_t scene) const {
  const Scene& wanted = storyboard_.scenes[scene];
  if (!wanted.title.empty()) return wanted.title;
  return wanted.text_overlay.empty() ? storyboard_.title : wanted.text_overlay;
}

bool ScenePainter::moves(int scene) const {
  const auto index = static_cast<std::size_t>(scene);
  return !assets_[index].image.empty() && assets_[index].is_subject && storyboard_.scenes[index].motion != Motion::none;
}

bool ScenePainter::is_rtl(int scene) const {
  return scene_is_rtl(storyboard_.scenes[static_cast<std::size_t>(scene)], storyboard_.language);
}

Status ScenePainter::load_scene(int scene) {
  if (loaded_scene_ == scene) return {};
  const Assets& assets = assets_[static_cast<std::size_t>(scene)];
  image_.reset();
  overlay_scene_ = -1;
  if (!moves(scene)) overlay_.reset();
  if (!assets.image.empty()) {
    VIVID_ASSIGN(image_, load_image(assets.image, options_.width_px, options_.height_px));
  }
  loaded_scene_ = scene;
  return {};
}

Status ScenePainter::paint_behind(int scene, const Page& page, double progress) {
  VIVID_TRY(load_scene(scene));
  const Scene& shown = storyboard_.scenes[static_cast<std::size_t>(scene)];
  const Theme theme = theme_of(shown);
  if (!image_) {
    paint_backdrop(surface_.get(), theme);
    return {};
  }
  paint_veil(surface_.get(), theme, 1.0);  // what shines through a transparent picture
  const Motion motion = moves(scene) ? shown.motion : Motion::none;
  paint_image(surface_.get(), image_.get(), {motion, progress});
  if (page.veil) paint_veil(surface_.get(), theme, veil_alpha(theme));
  return {};
}

Result<cairo_surface_t*> ScenePainter::paint(int scene, int page, int step, double progress) {
  const auto index = static_cast<std::size_t>(scene);
  const Theme theme = theme_of(storyboard_.scenes[index]);
  const Page& shown = pages_[index][static_cast<std::size_t>(page)];
  VIVID_TRY(paint_behind(scene, shown, progress));
  if (!moves(scene)) {
    paint_page(surface_.get(), engine_, theme, shown, step);
    return surface_.get();
  }
  if (!overlay_) {
    VIVID_ASSIGN(overlay_, make_surface(options_.width_px, options_.height_px));
  }
  if (overlay_scene_ != scene || overlay_page_ != page || overlay_step_ != step) {
    clear_surface(overlay_.get());
    paint_page(overlay_.get(), engine_, theme, shown, step);
    overlay_scene_ = scene;
    overlay_page_ = page;
    overlay_step_ = step;
  }
  paint_over(surface_.get(), overlay_.get());
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
