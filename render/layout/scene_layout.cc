#include "render/layout/scene_layout.h"

#include <algorithm>

#include "render/layout/foot.h"
#include "render/layout/plates.h"
#include "render/layout/scene_parts.h"

namespace vivid::render {
namespace {

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
  put_foot(pages, context, setting.rtl);
  return pages;
}

}  // namespace vivid::render
