#include <algorithm>

#include "render/layout/scene_parts.h"

namespace vivid::render {
namespace {

constexpr double kFieldPaddingX = 56.0;
constexpr double kFieldPaddingY = 36.0;
// The words of an image scene take at most this much of its height: the image is what is to be seen.
constexpr double kCaptionHeight = 300.0;

std::vector<Block> caption_blocks(const SceneSetting& setting) {
  std::vector<Block> blocks;
  if (!setting.heading.empty()) {
    Block block;
    block.text = setting.heading;
    block.font = display_font(setting.theme().subject);
    block.size_px = type::kHeading;
    block.weight = 700;
    block.color = setting.theme().text;
    block.source = {setting.heading_field, 0, 0};
    blocks.push_back(block);
  }
  if (!setting.overlay.empty()) blocks.push_back(overlay_block(setting, type::kBody));
  if (!setting.scene.body.empty()) blocks.push_back(body_block(setting, type::kBody));
  for (Block& block : blocks) block.space_before_px = 14.0;
  return blocks;
}

// How opaque a field must be for its words to be read over any image.
double field_alpha(const Theme& theme) {
  if (theme.contrast == Contrast::high) return 1.0;
  const Color worst = readable_on(theme.panel);
  for (double alpha = 0.90; alpha < 1.0; alpha += 0.02) {
    const Color behind = mix(theme.panel, worst, 1.0 - alpha);
    if (contrast_ratio(theme.text, behind) >= kTextContrast &&
        contrast_ratio(theme.accent_text, behind) >= kTextContrast) {
      return alpha;
    }
  }
  return 1.0;
}

// A field that comes in from the leading edge and ends where the words of the page do.
void put_field(Page& page, const SceneSetting& setting, const Rect& column) {
  double bottom = column.y;
  double width = 0.0;
  for (const Element& element : page.elements) {
    bottom = std::max(bottom, element.box.bottom());
    const MeasuredText measured = setting.engine().measure(element.text, false, element.style, element.box.width);
    width = std::max(width, measured.width);
  }
  const double shift = grid::kBottom - kFieldPaddingY - bottom;
  for (Element& element : page.elements) {
    element.box.y += shift;
    element.entrance = Entrance::slide;
  }
  const double field_width = grid::kMarginX + std::min(width, column.width) + kFieldPaddingX;
  const Rect box{setting.rtl ? setting.context.page_width - field_width : 0.0, column.y + shift - kFieldPaddingY,
                 field_width, bottom - column.y + 2 * kFieldPaddingY};
  std::vector<Element> field = panels_over(setting, box);
  field.front().color = setting.theme().panel.with_alpha(field_alpha(setting.theme()));
  field.front().fill = field.front().color;
  for (Element& element : field) element.entrance = Entrance::slide;
  page.elements.insert(page.elements.begin(), field.begin(), field.end());
}

}  // namespace

std::vector<Page> lay_out_image(const SceneSetting& setting) {
  const Scene& scene = setting.scene;
  const bool lists = !scene.bullets.empty() || !scene.equations.empty();
  // Nothing to show: the subject's drawing takes the image's place.
  if (!setting.context.has_image) return lists ? lay_out_list(setting) : lay_out_title(setting);
  const Rect content = setting.content();
  const double width = std::min(1240.0, content.width - kFieldPaddingX);
  FlowOptions options;
  options.column = {setting.rtl ? content.right() - width : content.x, content.y, width,
                    kCaptionHeight * std::clamp(setting.font_scale(), 1.0, 1.6)};
  options.rtl = setting.rtl;
  options.floor_scale = kBodyFloorScale;
  options.font_scale = setting.font_scale();
  options.rise = 0.0;
  const std::vector<Block> blocks = caption_blocks(setting);
  std::vector<Page> pages = flow_blocks(setting.engine(), setting.theme(), blocks, options);
  for (Page& page : pages) {
    page.veil = false;
    if (!page.elements.empty()) put_field(page, setting, options.column);
  }
  std::vector<Block> rest = equation_blocks(setting, type::kHeadline);
  for (Block& block : bullet_blocks(setting, false)) rest.push_back(std::move(block));
  append_rest(pages, setting, lay_out_heading(setting), rest);
  return pages;
}

}  // namespace vivid::render
