#include "render/layout/scene_parts.h"

#include <algorithm>
#include <iterator>

#include "render/layout/balance.h"

namespace vivid::render {
namespace {

constexpr double kHeadingHeight = 180.0;
constexpr double kBelowHeading = 60.0;
// A heading in a panel: so many lines of it still look like one.
constexpr double kAsideHeight = 330.0;
// Enlarged words need the page's whole width.
constexpr double kMostAsideScale = 1.3;
// Where the page is a picture, a drawing says nothing.
constexpr double kMotifSize = 640.0;

// Display cuts have hairlines that small sizes lose.
constexpr double kLeastDisplay = 60.0;

TextStyle heading_style(const SceneSetting& setting) {
  TextStyle style;
  style.font = display_font(setting.theme().subject);
  style.weight = 700;
  style.line_spacing = heading_spacing(setting.heading);
  style.rtl = setting.rtl;
  return style;
}

// The style's size is the largest that fits; false if none does.
bool fit_heading(const SceneSetting& setting, TextStyle& style, double largest, double smallest, double width,
                 double height) {
  const auto sizes = sizes_at(setting.font_scale(), largest, smallest);
  style.size_px = fit_size(setting.engine(), setting.heading, style, sizes, width, height);
  if (style.size_px >= kLeastDisplay) return true;
  TextStyle plain = style;
  plain.font = style.font == FontRole::display_serif ? FontRole::serif : FontRole::sans;
  plain.size_px = fit_size(setting.engine(), setting.heading, plain, sizes, width, height);
  if (plain.size_px > 0.0) style = plain;
  return style.size_px > 0.0;
}

Element heading_text(const SceneSetting& setting, const TextStyle& style, const Rect& box) {
  Element text;
  text.box = narrowed(box, balanced_width(setting.engine(), setting.heading, style, box.width), style);
  text.text = setting.heading;
  text.style = style;
  text.color = setting.theme().text;
  text.source = {setting.heading_field, 0, 0};
  return text;
}

bool has_room_aside(const SceneSetting& setting) {
  return setting.context.page_width >= grid::kLeastPanelPage && setting.font_scale() <= kMostAsideScale;
}

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

std::vector<double> sizes_at(double font_scale, double largest, double smallest) {
  return type_ladder(largest * font_scale, smallest * std::min(font_scale, 1.0));
}

std::vector<Element> panels_over(const SceneSetting& setting, const Rect& box) {
  Element panel;
  panel.kind = ElementKind::panel;
  panel.box = box;
  panel.color = setting.theme().panel;
  panel.fill = setting.theme().panel;
  if (!setting.is_high_contrast()) return {panel};
  Element edge = panel;
  constexpr double kEdge = 3.0;
  edge.box = {box.x > 0.0 ? box.x : box.right() - kEdge, box.y, kEdge, box.height};
  edge.color = setting.theme().rule;
  edge.fill = setting.theme().rule;
  return {panel, edge};
}

Element motif_at(const SceneSetting& setting, Point center, double size, double alpha) {
  Element motif;
  motif.kind = ElementKind::motif;
  motif.box = {center.x - size / 2, center.y - size / 2, size, size};
  motif.color = setting.theme().accent.with_alpha(setting.is_high_contrast() ? std::min(alpha, 0.07) : alpha);
  return motif;
}

Heading lay_out_heading(const SceneSetting& setting) {
  Heading heading;
  const Rect content = setting.content();
  heading.below = content;
  if (setting.heading.empty()) return heading;
  TextStyle style = heading_style(setting);
  if (!fit_heading(setting, style, type::kHeading, type::kLabel, content.width,
                   kHeadingHeight * std::clamp(setting.font_scale(), 1.0, 1.6))) {
    Block block;
    block.text = setting.heading;
    block.size_px = type::kLead;
    block.weight = 700;
    block.color = setting.theme().text;
    block.source = {setting.heading_field, 0, 0};
    heading.blocks.push_back(block);
    return heading;
  }
  const double height = setting.engine().measure(setting.heading, false, style, content.width).height;
  heading.elements = {heading_text(setting, style, {content.x, content.y - 12.0, content.width, height})};
  const double used = height + kBelowHeading - 12.0;
  heading.below = {content.x, content.y + used, content.width, content.height - used};
  return heading;
}

namespace {

// A spine stands for the panel there is no room for.
Heading lay_out_above(const SceneSetting& setting) {
  Heading heading = lay_out_heading(setting);
  const double x = setting.rtl ? setting.context.page_width - grid::kSpine : 0.0;
  const auto spine = panels_over(setting, {x, 0.0, grid::kSpine, kPageHeight});
  heading.elements.insert(heading.elements.begin(), spine.begin(), spine.end());
  return heading;
}

}  // namespace

Heading lay_out_aside(const SceneSetting& setting) {
  const Rect content = setting.content();
  const double panel_width = setting.context.page_width * grid::kPanelShare;
  const double text_width = panel_width - grid::kMarginX - grid::kInPanel;
  TextStyle style = heading_style(setting);
  if (!has_room_aside(setting)) return lay_out_above(setting);
  if (!setting.heading.empty() &&
      !fit_heading(setting, style, type::kHeadline, type::kLead, text_width, kAsideHeight)) {
    return lay_out_above(setting);
  }
  Heading heading;
  heading.beside = true;
  const double panel_x = setting.rtl ? setting.context.page_width - panel_width : 0.0;
  heading.elements = panels_over(setting, {panel_x, 0.0, panel_width, kPageHeight});
  const Point corner{setting.rtl ? setting.context.page_width - 240.0 : 240.0, kPageHeight - 210.0};
  if (!setting.context.has_backdrop) heading.elements.push_back(motif_at(setting, corner, kMotifSize, 0.30));
  if (!setting.heading.empty()) {
    const double height = setting.engine().measure(setting.heading, false, style, text_width).height;
    const double x = setting.rtl ? content.right() - text_width : content.x;
    heading.elements.push_back(heading_text(setting, style, {x, content.y - 12.0, text_width, height}));
  }
  const double width = setting.context.page_width - panel_width - grid::kBesidePanel - grid::kMarginX;
  heading.below = {setting.rtl ? content.x : panel_width + grid::kBesidePanel, content.y, width, content.height};
  return heading;
}

void put_heading(std::vector<Page>& pages, const Heading& heading) {
  bool first = true;
  for (Page& page : pages) {
    std::vector<Element> elements = heading.elements;
    // The page's ground and the heading were there already.
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
  // The lists of one lesson keep one size, however long their lines; the flow shrinks what does not fit. One or two
  // short points would be lost on their page.
  const bool roomy = bullets.size() <= 4;
  const bool few = bullets.size() <= 2 && std::all_of(bullets.begin(), bullets.end(), [](const std::string& bullet) {
                     return count_letters(bullet) <= 40;
                   });
  const double size = few ? type::kHeading : (roomy ? type::kLead : type::kBody);
  for (std::size_t i = 0; i < bullets.size(); ++i) {
    Block block;
    block.kind = BlockKind::point;
    block.text = bullets[i];
    block.size_px = size;
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
