#include <algorithm>
#include <array>

#include "render/layout/scene_parts.h"

namespace vivid::render {
namespace {

constexpr double kGutter = 112.0;
constexpr double kBelowName = 34.0;
constexpr double kAboveField = 24.0;
constexpr double kTopOfSide = 40.0;

struct Side {
  std::string name;
  Source name_source;
  std::vector<Block> blocks;
};

// A side's name begins a line.
void capitalise(std::string& name) {
  if (!name.empty() && name.front() >= 'a' && name.front() <= 'z')
    name.front() = static_cast<char>(name.front() - 0x20);
}

// "Mass vs. weight" names both sides.
void name_by_title(std::array<Side, 2>& sides, const std::string& title) {
  for (const std::string_view between : {" vs. ", " vs ", " versus ", " | ", " ⇔ "}) {
    const std::size_t at = title.find(between);
    if (at == std::string::npos) continue;
    sides[0].name = title.substr(0, at);
    sides[1].name = title.substr(at + between.size());
    for (Side& side : sides) capitalise(side.name);
    return;
  }
}

std::array<Side, 2> make_sides(const SceneSetting& setting) {
  std::array<Side, 2> sides;
  const Scene& scene = setting.scene;
  std::size_t named = 0;
  for (std::size_t i = 0; i < scene.annotations.size() && named < 2; ++i) {
    const Annotation& annotation = scene.annotations[i];
    if (annotation.kind != AnnotationKind::label || annotation.label.empty()) continue;
    sides[named].name = annotation.label;
    sides[named].name_source = {SourceField::annotation, static_cast<int>(i), 0};
    ++named;
  }
  if (named == 0) name_by_title(sides, setting.heading);
  std::vector<Block> blocks = bullet_blocks(setting, false);
  const std::size_t half = (blocks.size() + 1) / 2;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].kind = BlockKind::point;
    blocks[i].size_px = type::kBody;
    blocks[i].space_before_px = 10.0;
    sides[i < half ? 0 : 1].blocks.push_back(blocks[i]);
  }
  for (Side& side : sides) {
    if (side.name.empty()) continue;
    Block name;
    name.text = side.name;
    name.font = display_font(setting.theme().subject);
    name.size_px = type::kHeading;
    name.weight = 700;
    name.color = setting.theme().accent_text;
    name.source = side.name_source;
    if (!side.blocks.empty()) side.blocks.front().space_before_px = kBelowName;
    side.blocks.insert(side.blocks.begin(), name);
  }
  return sides;
}

// How much smaller than asked for the text came out.
double scale_of(const std::vector<Page>& pages, const std::vector<Block>& blocks, double font_scale) {
  for (const Page& page : pages) {
    for (const Element& element : page.elements) {
      if (element.kind == ElementKind::text && !blocks.empty()) {
        return element.style.size_px / (blocks.front().size_px * font_scale);
      }
    }
  }
  return 1.0;
}

double bottom_of(const Page& page, double at_least) {
  double bottom = at_least;
  for (const Element& element : page.elements) bottom = std::max(bottom, element.box.bottom());
  return bottom;
}

// Adds the elements and steps of one side to the page that both share.
void merge(Page& page, const Page& side) {
  const int shift = static_cast<int>(page.steps.size()) - 1;
  for (Element element : side.elements) {
    if (element.step > 0) element.step += shift;
    page.elements.push_back(std::move(element));
  }
  page.steps.insert(page.steps.end(), side.steps.begin() + 1, side.steps.end());
  page.steps.front().weight += side.steps.front().weight;
  if (page.steps.front().bullet < 0) page.steps.front().bullet = side.steps.front().bullet;
}

// The trailing half of the page below the heading is a field of its own: two sides, before a word is read.
Heading with_field(const SceneSetting& setting, const Heading& heading) {
  const double half = setting.context.page_width / 2;
  const double top = setting.heading.empty() || heading.elements.empty() ? 0.0 : heading.below.y - kAboveField;
  Heading fielded = heading;
  const auto field = panels_over(setting, {setting.rtl ? 0.0 : half, top, half, kPageHeight - top});
  fielded.elements.insert(fielded.elements.begin(), field.begin(), field.end());
  return fielded;
}

}  // namespace

std::vector<Page> lay_out_comparison(const SceneSetting& setting) {
  if (setting.scene.bullets.empty()) return lay_out_list(setting);
  const Heading heading = lay_out_heading(setting);
  const std::array<Side, 2> sides = make_sides(setting);
  const double width = (heading.below.width - kGutter) / 2;
  std::array<FlowOptions, 2> options;
  double scale = 1.0;
  for (std::size_t i = 0; i < 2; ++i) {
    const bool right = (i == 1) != setting.rtl;
    const double x = heading.below.x + (right ? width + kGutter : 0.0);
    options[i].column = {x, heading.below.y + kTopOfSide, width, heading.below.height - kTopOfSide};
    options[i].rtl = setting.rtl;
    // What is to be compared belongs on one page: enlarged text gives way further than elsewhere.
    options[i].floor_scale = kBodyFloorScale / std::clamp(setting.font_scale(), 1.0, 1.5);
    options[i].font_scale = setting.font_scale();
    options[i].rise = 0.0;
    const auto pages = flow_blocks(setting.engine(), setting.theme(), sides[i].blocks, options[i]);
    scale = std::min(scale, scale_of(pages, sides[i].blocks, setting.font_scale()));
  }
  std::array<std::vector<Page>, 2> flows;
  for (std::size_t i = 0; i < 2; ++i) {
    options[i].largest_scale = scale + 0.001;
    flows[i] = flow_blocks(setting.engine(), setting.theme(), sides[i].blocks, options[i]);
  }
  std::vector<Page> pages(std::max(flows[0].size(), flows[1].size()));
  for (std::size_t p = 0; p < pages.size(); ++p) {
    Page& page = pages[p];
    for (std::size_t i = 0; i < 2; ++i) {
      if (p < flows[i].size()) merge(page, flows[i][p]);
    }
    const double bottom = bottom_of(page, heading.below.y);
    const double shift = std::max(0.0, heading.below.bottom() - bottom) * 0.3;
    for (Element& element : page.elements) element.box.y += shift;
  }
  put_heading(pages, with_field(setting, heading));
  std::vector<Block> rest = heading.blocks;
  if (!setting.overlay.empty()) rest.push_back(overlay_block(setting, type::kBody));
  for (Block& block : equation_blocks(setting, type::kHeadline)) rest.push_back(std::move(block));
  if (!setting.scene.body.empty()) rest.push_back(body_block(setting, type::kBody));
  append_rest(pages, setting, heading, rest);
  return pages;
}

}  // namespace vivid::render
