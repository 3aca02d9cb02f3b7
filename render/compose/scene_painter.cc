#include "render/compose/scene_painter.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "base/check.h"
#include "render/equations/typesetter.h"
#include "render/layout/caption_plate.h"
#include "render/layout/image_asset.h"
#include "render/storyboard/math_spans.h"

namespace vivid::render {

namespace {

// How far what comes in moves, in design pixels: enough to be felt, too little to be watched.
constexpr double kRise = 12.0;

// A displayed formula that is wider would be too small to read on one line.
constexpr double kWidestEm = 20.0;

std::string title_of(const Storyboard& storyboard, const Scene& scene) {
  if (!scene.title.empty()) return without_tex(scene.title);
  return without_tex(scene.text_overlay.empty() ? storyboard.title : scene.text_overlay);
}

}  // namespace

ScenePainter::ScenePainter(const Storyboard& storyboard, const RenderOptions& options, const FormulaTable& formulas)
    : storyboard_(with_formulas(storyboard, formulas)), options_(options), engine_(storyboard.language, formulas) {
  for (const Scene& scene : storyboard.scenes) titles_.push_back(title_of(storyboard, scene));
}

Result<std::unique_ptr<ScenePainter>> ScenePainter::create(const Storyboard& storyboard, const RenderOptions& options) {
  const std::vector<Formula> formulas = formulas_of(storyboard);
  SetFormulas set = set_formulas(formulas, kWidestEm / std::max(options.font_scale, 1.0), options.equations);
  std::unique_ptr<ScenePainter> painter(new ScenePainter(storyboard, options, FormulaTable(formulas, set.book)));
  painter->warnings_ = std::move(set.problems);
  painter->lay_out();
  return painter;
}

void ScenePainter::lay_out() {
  for (const Scene& scene : storyboard_.scenes) {
    assets_.push_back(find_assets(scene));
    const Assets& assets = assets_.back();
    SceneContext context;
    context.engine = &engine_;
    context.theme = theme_of(static_cast<int>(pages_.size()));
    context.page_width = kPageHeight * options_.width_px / options_.height_px;
    context.language = storyboard_.language;
    context.has_image = !assets.image.empty() && assets.is_subject;
    context.has_backdrop = !assets.image.empty() && !assets.is_subject;
    context.watermark = options_.watermark;
    context.progress_line = options_.progress_line;
    context.scene_index = static_cast<int>(pages_.size());
    context.scene_count = static_cast<int>(storyboard_.scenes.size());
    context.font_scale = options_.font_scale;
    if (options_.captions == CaptionMode::burnt_in) context.caption_room = caption_room(options_.font_scale);
    pages_.push_back(lay_out_scene(scene, context));
    layers_.emplace_back();
    for (const Page& page : pages_.back()) layers_.back().push_back(split_page(engine_, context.theme, page));
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

Theme ScenePainter::theme_of(int scene) const {
  const auto color = parse_color(storyboard_.scenes[static_cast<std::size_t>(scene)].background);
  const Contrast contrast = options_.high_contrast ? Contrast::high : Contrast::usual;
  return color ? theme_on(storyboard_.subject, *color, contrast) : theme_for(storyboard_.subject, contrast);
}

std::string ScenePainter::scene_title(std::size_t scene) const { return titles_[scene]; }

bool ScenePainter::moves(std::size_t scene) const {
  return !assets_[scene].image.empty() && assets_[scene].is_subject && storyboard_.scenes[scene].motion != Motion::none;
}

const Page& ScenePainter::page_of(int scene, int page) const {
  return pages_[static_cast<std::size_t>(scene)][static_cast<std::size_t>(page)];
}

// Even sides, and room for the softness of edges and of chroma.
PixelRect ScenePainter::bounds_of(const PageLayer& layer) const {
  const double scale = options_.height_px / kPageHeight;
  const auto down = [scale](double at) { return (static_cast<int>(std::floor(at * scale)) - 2) & ~1; };
  const auto up = [scale](double at) { return (static_cast<int>(std::ceil(at * scale)) + 3) & ~1; };
  const int x = down(layer.ink.x);
  const int y = down(layer.ink.y);
  const PixelRect around{x, y, up(layer.ink.right()) - x, up(layer.ink.bottom()) - y};
  return intersection(around, {0, 0, options_.width_px, options_.height_px});
}

std::string ScenePainter::base_identity(std::size_t scene, const Page& page) const {
  const Theme theme = theme_of(static_cast<int>(scene));
  std::ostringstream text;
  text << std::hexfloat;
  for (const Color& c : {theme.background, theme.background_high, theme.background_low}) {
    text << c.r << ' ' << c.g << ' ' << c.b << ' ';
  }
  const std::string& image = assets_[scene].image;
  if (!image.empty()) text << static_cast<int>(theme.contrast) << (page.veil ? " veiled " : " bare ") << image;
  return std::move(text).str();
}

std::vector<StageScene> ScenePainter::stage() const {
  std::vector<StageScene> scenes;
  for (std::size_t s = 0; s < pages_.size(); ++s) {
    StageScene scene;
    scene.moves = moves(s);
    scene.rtl = scene_is_rtl(storyboard_.scenes[s], storyboard_.language);
    scene.resting_opacity = resting_opacity(theme_of(static_cast<int>(s)));
    for (std::size_t p = 0; p < pages_[s].size(); ++p) {
      StagePage page{pages_[s][p].steps, base_identity(s, pages_[s][p]), {}};
      for (const PageLayer& layer : layers_[s][p]) {
        StageLayer staged{bounds_of(layer), layer.step, layer.annotation, layer.draws_on, layer.identity};
        staged.entrance = layer.entrance;
        staged.rise_px = std::max(1, static_cast<int>(std::lround(kRise * options_.height_px / kPageHeight)));
        staged.rests = layer.rests;
        staged.drawn_from = layer.drawn_from;
        page.layers.push_back(std::move(staged));
      }
      scene.pages.push_back(std::move(page));
    }
    scenes.push_back(std::move(scene));
  }
  return scenes;
}

Result<SurfacePtr> ScenePainter::load_picture(int scene) const {
  const auto index = static_cast<std::size_t>(scene);
  if (assets_[index].image.empty()) return SurfacePtr();
  const double room = moves(index) ? kCameraRoom : 1.0;
  return load_image(assets_[index].image, options_.width_px, options_.height_px, room);
}

Result<SurfacePtr> ScenePainter::paint_behind(int scene, const Page& page) {
  const auto index = static_cast<std::size_t>(scene);
  const Theme theme = theme_of(scene);
  VIVID_ASSIGN(const SurfacePtr picture, load_picture(scene));
  VIVID_ASSIGN(SurfacePtr surface, make_surface(options_.width_px, options_.height_px));
  if (!picture) {
    paint_backdrop(surface.get(), theme);
    return surface;
  }
  paint_veil(surface.get(), theme, 1.0);  // what shines through a transparent picture
  const Motion motion = moves(index) ? storyboard_.scenes[index].motion : Motion::none;
  paint_image(surface.get(), picture.get(), camera_pose(motion, 0.5));
  if (page.veil) paint_veil(surface.get(), theme, veil_alpha(theme));
  return surface;
}

Result<YuvFrame> ScenePainter::paint_base(int scene, int page) {
  VIVID_ASSIGN(const SurfacePtr surface, paint_behind(scene, page_of(scene, page)));
  return to_frame(surface.get());
}

Result<CameraSource> ScenePainter::paint_camera_source(int scene, int page) {
  const Theme theme = theme_of(scene);
  VIVID_ASSIGN(SurfacePtr picture, load_picture(scene));
  VIVID_CHECK(picture != nullptr);
  // Whole chroma samples: an odd last row or column is left out, a single one doubled.
  const auto even = [](int side) { return std::max(2, side & ~1); };
  VIVID_ASSIGN(const SurfacePtr surface, make_surface(even(cairo_image_surface_get_width(picture.get())),
                                                      even(cairo_image_surface_get_height(picture.get()))));
  paint_veil(surface.get(), theme, 1.0);
  paint_unscaled(surface.get(), picture.get());
  picture.reset();
  if (page_of(scene, page).veil) paint_veil(surface.get(), theme, veil_alpha(theme));
  return CameraSource(to_frame(surface.get()));
}

Result<LayerPixels> ScenePainter::paint_layer(int scene, int page, std::size_t layer) {
  const PageLayer& wanted = layers_[static_cast<std::size_t>(scene)][static_cast<std::size_t>(page)][layer];
  return paint_layer(scene, page, layer, 1.0, {bounds_of(wanted), 1.0, 0.0, 0.0});
}

Result<LayerPixels> ScenePainter::paint_layer(int scene, int page, std::size_t layer, double drawn,
                                              const LayerPlace& place) {
  const PageLayer& wanted = layers_[static_cast<std::size_t>(scene)][static_cast<std::size_t>(page)][layer];
  VIVID_ASSIGN(const SurfacePtr surface, make_surface(place.bounds.width, place.bounds.height));
  const Window window{options_.height_px / kPageHeight * place.scale, place.bounds.x - place.x,
                      place.bounds.y - place.y};
  paint_elements(surface.get(), engine_, theme_of(scene), page_of(scene, page), wanted.elements, window, drawn);
  return to_layer(surface.get());
}

Status ScenePainter::write_still(int scene, const std::filesystem::path& png) {
  if (scene < 0 || static_cast<std::size_t>(scene) >= pages_.size()) {
    return fail(ErrorCode::invalid_input, "scene " + std::to_string(scene) + " of " + std::to_string(pages_.size()));
  }
  const Page& page = pages_[static_cast<std::size_t>(scene)].back();
  VIVID_ASSIGN(const SurfacePtr surface, paint_behind(scene, page));
  paint_page(surface.get(), engine_, theme_of(scene), page, static_cast<int>(page.steps.size()) - 1);
  return write_png(surface.get(), png);
}

}  // namespace vivid::render
