#include <algorithm>

#include "render/layout/scene_parts.h"

namespace vivid::render {
namespace {

constexpr double kPlatePaddingX = 48.0;
constexpr double kPlatePaddingY = 34.0;
// The words of an image scene take at most this much of its height: the image is what is to be seen.
constexpr double kCaptionHeight = 300.0;

std::vector<Block> caption_blocks(const SceneSetting& setting) {
  std::vector<Block> blocks;
  if (!setting.heading.empty()) {
    Block block;
    block.text = setting.heading;
    block.size_px = 60.0;
    block.weight = 700;
    block.color = setting.theme().text;
    block.source = {setting.heading_field, 0, 0};
    blocks.push_back(block);
  }
  if (!setting.overlay.empty()) blocks.push_back(overlay_block(setting, 44.0));
  if (!setting.scene.body.empty()) blocks.push_back(body_block(setting, 42.0));
  for (Block& block : blocks) block.space_before_px = 14.0;
  return blocks;
}

// How opaque a plate must be for its words to be read over any image.
double plate_alpha(const Theme& theme) {
  if (theme.contrast == Contrast::high) return 1.0;
  const Color worst = readable_on(theme.background);
  for (double alpha = 0.86; alpha < 1.0; alpha += 0.02) {
    const Color behind = mix(theme.background, worst, 1.0 - alpha);
    if (contrast_ratio(theme.text, behind) >= kTextContrast &&
        contrast_ratio(theme.accent_text, behind) >= kTextContrast) {
      return alpha;
    }
  }
  return 1.0;
}

// A plate at the bottom that hugs the words of the page.
void put_plate(Page& page, const SceneSetting& setting, const Rect& column) {
  double bottom = column.y;
  double width = 0.0;
  for (const Element& element : page.elements) {
    bottom = std::max(bottom, element.box.bottom());
    const MeasuredText measured = setting.engine().measure(element.text, false, element.style, element.box.width);
    width = std::max(width, measured.width);
  }
  const double shift = kContentBottom - kPlatePaddingY - bottom;
  for (Element& element : page.elements) element.box.y += shift;
  const double plate_width = std::min(width + 2 * kPlatePaddingX, column.width + 2 * kPlatePaddingX);
  Element plate;
  plate.kind = ElementKind::card;
  plate.box = {setting.rtl ? column.right() + kPlatePaddingX - plate_width : column.x - kPlatePaddingX,
               column.y + shift - kPlatePaddingY, plate_width, bottom - column.y + 2 * kPlatePaddingY};
  plate.fill = setting.theme().background.with_alpha(plate_alpha(setting.theme()));
  plate.color = setting.theme().surface_edge;
  plate.radius = 20.0;
  Element bar;
  bar.kind = ElementKind::bar;
  bar.box = {setting.rtl ? plate.box.right() - 12.0 : plate.box.x, plate.box.y + 20.0, 12.0, plate.box.height - 40.0};
  bar.color = setting.theme().accent;
  bar.radius = 6.0;
  page.elements.insert(page.elements.begin(), {plate, bar});
}

}  // namespace

std::vector<Page> lay_out_image(const SceneSetting& setting) {
  const Scene& scene = setting.scene;
  const bool lists = !scene.bullets.empty() || !scene.equations.empty();
  // Nothing to show: the subject's drawing takes the image's place.
  if (!setting.context.has_image) return lists ? lay_out_list(setting) : lay_out_title(setting);
  const Rect content = setting.content();
  const double width = std::min(1240.0, content.width - 2 * kPlatePaddingX);
  FlowOptions options;
  options.column = {setting.rtl ? content.right() - kPlatePaddingX - width : content.x + kPlatePaddingX, content.y,
                    width, kCaptionHeight * std::clamp(setting.font_scale(), 1.0, 1.6)};
  options.rtl = setting.rtl;
  options.floor_scale = kBodyFloorScale;
  options.font_scale = setting.font_scale();
  options.rise = 0.0;
  const std::vector<Block> blocks = caption_blocks(setting);
  std::vector<Page> pages = flow_blocks(setting.engine(), setting.theme(), blocks, options);
  for (Page& page : pages) {
    page.veil = false;
    if (!page.elements.empty()) put_plate(page, setting, options.column);
  }
  std::vector<Block> rest = equation_blocks(setting, 96.0);
  for (Block& block : bullet_blocks(setting, false)) rest.push_back(std::move(block));
  append_rest(pages, setting, lay_out_heading(setting), rest);
  return pages;
}

}  // namespace vivid::render
