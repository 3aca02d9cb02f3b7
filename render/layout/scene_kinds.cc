#include <algorithm>

#include "render/layout/scene_parts.h"

namespace vivid::render {
namespace {

// Few words stand large, many stand small.
double body_size(std::size_t bytes) {
  if (bytes <= 100) return 72.0;
  if (bytes <= 200) return 62.0;
  if (bytes <= 360) return 54.0;
  return 48.0;
}

constexpr double kSmallestBody = 40.0;
constexpr double kTitleHeight = 520.0;
constexpr double kHookHeight = 250.0;

Element motif_in(const SceneSetting& setting, double size, double share, double alpha) {
  Element motif;
  motif.kind = ElementKind::motif;
  const double x = setting.rtl ? -size * (1.0 - share) : setting.context.page_width - size * share;
  motif.box = {x, kPageHeight * 0.52 - size / 2, size, size};
  motif.color = setting.theme().accent.with_alpha(alpha);
  return motif;
}

void put_motif(std::vector<Page>& pages, const Element& motif) {
  for (Page& page : pages) page.elements.insert(page.elements.begin(), motif);
}

Rect leading_part(const SceneSetting& setting, const Rect& box, double width) {
  return {setting.rtl ? box.right() - width : box.x, box.y, width, box.height};
}

}  // namespace

std::vector<Page> lay_out_list(const SceneSetting& setting) {
  const Scene& scene = setting.scene;
  const Heading heading = lay_out_heading(setting);
  FlowOptions options;
  options.column = heading.below;
  options.rtl = setting.rtl;
  options.floor_scale = kBodyFloorScale;
  options.font_scale = setting.font_scale();
  std::vector<Block> blocks = heading.blocks;
  const bool words_only = scene.bullets.empty() && scene.equations.empty();
  if (!setting.overlay.empty()) blocks.push_back(overlay_block(setting, 46.0));
  for (Block& block : equation_blocks(setting, scene.equations.size() > 2 ? 84.0 : 112.0)) {
    blocks.push_back(std::move(block));
  }
  if (!scene.body.empty()) blocks.push_back(body_block(setting, words_only ? body_size(scene.body.size()) : 44.0));
  for (Block& block : bullet_blocks(setting, scene.kind == SceneKind::takeaways)) blocks.push_back(std::move(block));
  if (words_only) {
    // Running text keeps a size that is easy to read for longer than a list does.
    if (!scene.body.empty()) options.floor_scale = kSmallestBody / body_size(scene.body.size());
    options.column =
        leading_part(setting, heading.below, heading.below.width * std::clamp(0.81 * setting.font_scale(), 0.81, 1.0));
  }
  std::vector<Page> pages = flow_blocks(setting.engine(), setting.theme(), blocks, options);
  put_heading(pages, heading);
  const bool plain = setting.context.has_backdrop || setting.is_high_contrast();
  if (words_only && !plain) put_motif(pages, motif_in(setting, 820.0, 0.54, 0.11));
  return pages;
}

std::vector<Page> lay_out_title(const SceneSetting& setting) {
  const Rect content = setting.content();
  const Rect column =
      leading_part(setting, content, std::min(1240.0 * std::max(1.0, setting.font_scale()), content.width));
  TextStyle style;
  style.weight = 800;
  style.line_spacing = 0.9;
  style.rtl = setting.rtl;
  const double size =
      fit_size(setting.engine(), setting.heading, style, sizes_at(setting.font_scale(), {112, 104, 96, 88, 80, 72, 64}),
               column.width, kTitleHeight);
  const std::string& second = setting.overlay.empty() ? setting.scene.body : setting.overlay;
  const bool extras = !setting.scene.bullets.empty() || !setting.scene.equations.empty() ||
                      (!setting.overlay.empty() && !setting.scene.body.empty());
  TextStyle second_style;
  second_style.line_spacing = 1.04;
  second_style.rtl = setting.rtl;
  style.size_px = std::max(size, 1.0);
  const double title_height = setting.engine().measure(setting.heading, false, style, column.width).height;
  // Enlarged words may take what the title leaves.
  const double room = setting.font_scale() > 1.0 ? content.height - title_height - 94.0 : kHookHeight;
  const double second_size = second.empty() ? 1.0
                                            : fit_size(setting.engine(), second, second_style,
                                                       sizes_at(setting.font_scale(), {46, 42, 38, 34}),
                                                       column.width * 0.94, std::max(room, kHookHeight));
  if (size == 0.0 || second_size == 0.0 || extras) return lay_out_list(setting);
  second_style.size_px = second_size;
  const double second_height =
      second.empty() ? 0.0 : setting.engine().measure(second, false, second_style, column.width * 0.94).height + 40.0;
  Page page;
  double y = content.y + (content.height - title_height - second_height - 54.0) * 0.46;
  Element bar;
  bar.kind = ElementKind::bar;
  bar.box = {setting.rtl ? column.right() - 128.0 : column.x, y, 128.0, 12.0};
  bar.color = setting.theme().accent;
  bar.radius = 6.0;
  page.elements.push_back(bar);
  y += 42.0;
  Element title;
  title.box = {column.x, y, column.width, title_height};
  title.text = setting.heading;
  title.style = style;
  title.color = setting.theme().text;
  title.source = {setting.heading_field, 0, 0};
  page.elements.push_back(title);
  if (!second.empty()) {
    Element text;
    text.box = {setting.rtl ? column.right() - column.width * 0.94 : column.x, y + title_height + 40.0,
                column.width * 0.94, second_height - 40.0};
    text.text = second;
    text.style = second_style;
    text.color = setting.theme().muted;
    text.source = {setting.overlay.empty() ? SourceField::body : SourceField::overlay, 0, 0};
    page.elements.push_back(text);
  }
  std::vector<Page> pages{std::move(page)};
  // Enlarged words reach into the drawing.
  const double alpha = setting.is_high_contrast() ? 0.07 : (setting.font_scale() > 1.2 ? 0.11 : 0.20);
  if (!setting.context.has_backdrop) put_motif(pages, motif_in(setting, 1060.0, 0.68, alpha));
  return pages;
}

}  // namespace vivid::render
