#include "render/layout/scene_parts.h"

#include <algorithm>
#include <iterator>

namespace vivid::render {
namespace {

constexpr double kHeadingHeight = 170.0;

}  // namespace

SceneSetting make_setting(const Scene& scene, const SceneContext& context) {
  SceneSetting setting{scene, context, scene_is_rtl(scene, context.language), scene.title, {}, SourceField::title};
  if (setting.heading.empty()) {
    setting.heading = scene.text_overlay;
    setting.heading_field = SourceField::overlay;
  } else if (scene.text_overlay != scene.title) {
    setting.overlay = scene.text_overlay;
  }
  return setting;
}

double fit_size(const TextEngine& engine, const std::string& text, TextStyle style, const std::vector<double>& sizes,
                double width, double height) {
  if (text.size() > 1'000) return 0.0;
  for (const double size : sizes) {
    style.size_px = size;
    const MeasuredText measured = engine.measure(text, false, style, width);
    if (measured.height <= height && !measured.breaks_words) return size;
  }
  return 0.0;
}

std::vector<double> sizes_at(double font_scale, std::initializer_list<double> usual) {
  constexpr double kStep = 0.93;
  std::vector<double> sizes;
  for (const double size : usual) sizes.push_back(size * font_scale);
  const double least = *(usual.end() - 1);
  while (sizes.back() > least) sizes.push_back(std::max(sizes.back() * kStep, least));
  return sizes;
}

Heading lay_out_heading(const SceneSetting& setting) {
  Heading heading;
  const Rect content = setting.content();
  heading.below = content;
  if (setting.heading.empty()) return heading;
  TextStyle style;
  style.weight = 700;
  style.line_spacing = 0.92;
  style.rtl = setting.rtl;
  const double size =
      fit_size(setting.engine(), setting.heading, style, sizes_at(setting.font_scale(), {64, 58, 52, 48, 44}),
               content.width, kHeadingHeight * std::clamp(setting.font_scale(), 1.0, 1.6));
  if (size == 0.0) {
    Block block;
    block.text = setting.heading;
    block.size_px = 52.0;
    block.weight = 700;
    block.color = setting.theme().text;
    block.source = {setting.heading_field, 0, 0};
    heading.blocks.push_back(block);
    return heading;
  }
  style.size_px = size;
  const double height = setting.engine().measure(setting.heading, false, style, content.width).height;
  Element bar;
  bar.kind = ElementKind::bar;
  bar.box = {setting.rtl ? content.right() - 88.0 : content.x, content.y, 88.0, 9.0};
  bar.color = setting.theme().accent;
  bar.radius = 4.5;
  Element text;
  text.box = {content.x, content.y + 24.0, content.width, height};
  text.text = setting.heading;
  text.style = style;
  text.color = setting.theme().text;
  text.source = {setting.heading_field, 0, 0};
  const double used = 24.0 + height + 36.0;
  heading.below = {content.x, content.y + used, content.width, content.height - used};
  heading.elements = {bar, text};
  return heading;
}

void put_heading(std::vector<Page>& pages, const Heading& heading) {
  bool first = true;
  for (Page& page : pages) {
    std::vector<Element> elements = heading.elements;
    if (!first) {
      for (Element& element : elements) element.source = {};
    }
    page.elements.insert(page.elements.begin(), elements.begin(), elements.end());
    first = false;
  }
}

std::vector<Page> lay_out_blocks(const SceneSetting& setting, const Heading& heading,
                                 const std::vector<Block>& blocks) {
  FlowOptions options;
  options.column = heading.below;
  options.rtl = setting.rtl;
  options.floor_scale = kBodyFloorScale;
  options.font_scale = setting.font_scale();
  std::vector<Page> pages = flow_blocks(setting.engine(), setting.theme(), blocks, options);
  put_heading(pages, heading);
  return pages;
}

void append_rest(std::vector<Page>& pages, const SceneSetting& setting, Heading heading,
                 const std::vector<Block>& blocks) {
  if (blocks.empty()) return;
  for (Element& element : heading.elements) element.source = {};
  std::vector<Page> rest = lay_out_blocks(setting, heading, blocks);
  pages.insert(pages.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
}

Block body_block(const SceneSetting& setting, double size_px) {
  Block block;
  block.text = setting.scene.body;
  block.size_px = size_px;
  block.color = setting.theme().text;
  block.source = {SourceField::body, 0, 0};
  return block;
}

Block overlay_block(const SceneSetting& setting, double size_px) {
  Block block;
  block.text = setting.overlay;
  block.size_px = size_px;
  block.weight = 600;
  block.color = setting.theme().accent_text;
  block.source = {SourceField::overlay, 0, 0};
  return block;
}

std::vector<Block> bullet_blocks(const SceneSetting& setting, bool numbered) {
  std::vector<Block> blocks;
  const std::vector<std::string>& bullets = setting.scene.bullets;
  // Short lists of one lesson keep one size, however long their lines; the flow shrinks what does not fit.
  const bool roomy = bullets.size() <= 4;
  for (std::size_t i = 0; i < bullets.size(); ++i) {
    Block block;
    block.kind = BlockKind::card;
    block.text = bullets[i];
    block.size_px = roomy ? 54.0 : 44.0;
    block.color = setting.theme().text;
    block.number = numbered ? static_cast<int>(i) + 1 : 0;
    block.source = {SourceField::bullet, static_cast<int>(i), 0};
    blocks.push_back(block);
  }
  return blocks;
}

std::vector<Block> equation_blocks(const SceneSetting& setting, double size_px) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < setting.scene.equations.size(); ++i) {
    Block block;
    block.kind = BlockKind::equation;
    block.text = setting.scene.equations[i];
    block.size_px = size_px;
    block.color = setting.theme().text;
    block.source = {SourceField::equation, static_cast<int>(i), 0};
    blocks.push_back(block);
  }
  return blocks;
}

}  // namespace vivid::render
