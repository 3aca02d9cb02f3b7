#include "render/layout/scene_layout.h"

#include <algorithm>

#include "render/layout/plates.h"
#include "render/layout/scene_parts.h"

namespace vivid::render {
namespace {

// At the trailing bottom corner, inside the safe area, below all content.
void put_watermark(std::vector<Page>& pages, const SceneContext& context, bool rtl) {
  if (context.watermark.empty()) return;
  Element mark;
  mark.style.weight = 500;
  mark.style.rtl = !rtl;
  const double width = context.page_width / 3;
  // A picture may be of any colour: there the mark stands on a plate.
  const bool on_plate = context.has_image || (context.has_backdrop && context.theme.contrast == Contrast::high);
  const double size = fit_size(*context.engine, context.watermark, mark.style,
                               sizes_at(context.font_scale, type::kMark, 18.0), width, on_plate ? 34.0 : 40.0);
  mark.style.size_px = size > 0.0 ? size : 18.0;
  const MeasuredText measured = context.engine->measure(context.watermark, false, mark.style, width);
  // Longer than its corner: the first line of it stands for the whole.
  mark.text = context.watermark.substr(0, measured.lines.front().end);
  const double height = measured.lines.front().bottom;
  const double x = rtl ? grid::kMarginX : context.page_width - grid::kMarginX - width;
  mark.box = {x, grid::kFoot - height / 2, width, height};
  mark.color = context.theme.muted;
  Element plate;
  plate.kind = ElementKind::card;
  const double mark_width = std::min(measured.width, width);
  plate.box = Rect{rtl ? mark.box.x : mark.box.right() - mark_width, mark.box.y, mark_width, height}.inset(-14.0, -3.0);
  plate.fill = context.theme.background;
  plate.color = context.theme.background;
  plate.radius = grid::kRadius;
  for (Page& page : pages) {
    if (on_plate) page.elements.push_back(plate);
    page.elements.push_back(mark);
  }
}

std::vector<Page> lay_out_kind(const SceneSetting& setting) {
  switch (setting.scene.kind) {
    case SceneKind::title:
      return lay_out_title(setting);
    case SceneKind::comparison:
      return lay_out_comparison(setting);
    case SceneKind::diagram:
      return lay_out_diagram(setting);
    case SceneKind::image:
      return lay_out_image(setting);
    case SceneKind::bullets:
    case SceneKind::text:
    case SceneKind::equation:
    case SceneKind::takeaways:
      break;
  }
  return lay_out_list(setting);
}

}  // namespace

bool scene_is_rtl(const Scene& scene, const std::string& language) {
  std::string all = scene.title + "\n" + scene.text_overlay + "\n" + scene.body;
  for (const std::string& bullet : scene.bullets) all += "\n" + bullet;
  for (const Annotation& annotation : scene.annotations) all += "\n" + annotation.label;
  const bool rtl_language = is_rtl_language(language);
  // A single Latin word in front does not turn an Arabic page around.
  if (rtl_language) {
    for (const char c : all) {
      if (static_cast<unsigned char>(c) >= 0xd6U) return true;
    }
    return false;
  }
  return is_rtl_text(all);
}

std::vector<Page> lay_out_scene(const Scene& scene, const SceneContext& context) {
  const SceneSetting setting = make_setting(scene, context);
  std::vector<Page> pages = lay_out_kind(setting);
  const bool on_picture = context.has_image || context.has_backdrop;
  if (on_picture && setting.is_high_contrast()) put_plates(pages, context);
  put_watermark(pages, context, setting.rtl);
  return pages;
}

}  // namespace vivid::render
