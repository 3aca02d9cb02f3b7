// What the layouts of the several kinds of scene share: the grid, headings, and captions.
//
// Threads: values and free functions. Units: design pixels.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "render/layout/flow.h"
#include "render/layout/scene_layout.h"
#include "render/layout/type.h"

namespace vivid::render {

inline constexpr double kBodyFloorScale = 0.7;

// One scene being laid out.
struct SceneSetting {
  const Scene& scene;
  const SceneContext& context;
  bool rtl = false;
  std::string heading;  // the title, or the overlay where there is no title
  std::string overlay;  // the overlay where there is a title as well
  SourceField heading_field = SourceField::title;

  const Theme& theme() const { return context.theme; }
  const TextEngine& engine() const { return *context.engine; }
  double font_scale() const { return context.font_scale; }
  bool is_high_contrast() const { return context.theme.contrast == Contrast::high; }
  Rect content() const {
    return {grid::kMarginX, grid::kTop, context.page_width - 2 * grid::kMarginX,
            grid::kBottom - grid::kTop - context.caption_room};
  }
};

SceneSetting make_setting(const Scene& scene, const SceneContext& context);

// Sizes from `largest` times the scale down to `smallest`, which enlarging leaves as it is.
std::vector<double> sizes_at(double font_scale, double largest, double smallest);

// The largest of `sizes` at which the text fits into width and height without breaking words; 0 if none does.
double fit_size(const TextEngine& engine, const std::string& text, TextStyle style, const std::vector<double>& sizes,
                double width, double height);

// The heading's elements, and the room that is left beside or below it. A heading too long to be one is returned as a
// block instead.
struct Heading {
  std::vector<Element> elements;
  Rect below;
  std::vector<Block> blocks;
  bool beside = false;  // it stands in a panel beside the room
};
// Over the page's whole width.
Heading lay_out_heading(const SceneSetting& setting);
// In a panel on the leading side, with the subject's drawing, where the page is wide enough; else as above.
Heading lay_out_aside(const SceneSetting& setting);

// A field that reaches over the page's edges; with high contrast, where it has no colour of its own, a line bounds it.
std::vector<Element> panels_over(const SceneSetting& setting, const Rect& box);
Element motif_at(const SceneSetting& setting, Point center, double size, double alpha);

// Puts the heading on every page; only the first one counts as its source.
void put_heading(std::vector<Page>& pages, const Heading& heading);

Block body_block(const SceneSetting& setting, double size_px);
std::vector<Block> bullet_blocks(const SceneSetting& setting, bool numbered);
std::vector<Block> equation_blocks(const SceneSetting& setting, double size_px);
Block overlay_block(const SceneSetting& setting, double size_px);

// The blocks below the heading, on as many pages as they need.
std::vector<Page> lay_out_blocks(const SceneSetting& setting, const Heading& heading, const std::vector<Block>& blocks);
// Pages for what a drawing could not take in; they follow its own.
void append_rest(std::vector<Page>& pages, const SceneSetting& setting, Heading heading,
                 const std::vector<Block>& blocks);

// The kinds.
std::vector<Page> lay_out_title(const SceneSetting& setting);
std::vector<Page> lay_out_list(const SceneSetting& setting);  // text, bullets, equations, takeaways
std::vector<Page> lay_out_comparison(const SceneSetting& setting);
std::vector<Page> lay_out_diagram(const SceneSetting& setting);
std::vector<Page> lay_out_image(const SceneSetting& setting);

}  // namespace vivid::render
