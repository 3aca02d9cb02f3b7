#include <algorithm>
#include <optional>

#include "render/layout/balance.h"
#include "render/layout/scene_parts.h"

namespace vivid::render {
namespace {

// Few words stand large, many stand small.
double body_size(const std::string& text) {
  const std::size_t letters = count_letters(text);
  if (letters <= 100) return type::kHeading;
  if (letters <= 320) return type::kLead;
  return type::kBody;
}

// Running text keeps a size that is easy to read for longer than a list does.
constexpr double kSmallestBody = 39.0;
// A title of so many stands larger.
constexpr std::size_t kFewLetters = 22;
constexpr double kTitleHeight = 560.0;
constexpr double kHookHeight = 260.0;
constexpr double kBelowTitle = 44.0;
// Of letters' size: lines of more than about seventy characters are hard to follow.
constexpr double kMeasure = 30.0;

Rect leading_part(const SceneSetting& setting, const Rect& box, double width) {
  const double part = std::min(width, box.width);
  return {setting.rtl ? box.right() - part : box.x, box.y, part, box.height};
}

struct TitleWords {
  Element title;
  std::optional<Element> second;
  double height = 0.0;
};

Element second_line(const SceneSetting& setting, const Rect& column, double size) {
  const bool overlay = !setting.overlay.empty();
  Element text;
  text.text = overlay ? setting.overlay : setting.scene.body;
  text.style.size_px = size;
  text.style.line_spacing = body_spacing(text.text);
  text.style.rtl = setting.rtl;
  text.color = setting.theme().muted;
  text.source = {overlay ? SourceField::overlay : SourceField::body, 0, 0};
  text.entrance = Entrance::follow;
  const double height = setting.engine().measure(text.text, false, text.style, column.width).height;
  text.box = narrowed({column.x, column.y, column.width, height},
                      settled_width(setting.engine(), text.text, text.style, column.width), text.style);
  return text;
}

// Nothing if the words are too many for a title.
std::optional<TitleWords> set_title(const SceneSetting& setting, const Rect& column) {
  TextStyle style;
  style.font = display_font(setting.theme().subject);
  style.weight = 700;
  style.line_spacing = heading_spacing(setting.heading);
  style.rtl = setting.rtl;
  const double largest = count_letters(setting.heading) <= kFewLetters ? type::kDisplay : type::kTitle;
  style.size_px = fit_size(setting.engine(), setting.heading, style,
                           sizes_at(setting.font_scale(), largest, type::kHeading), column.width, kTitleHeight);
  if (style.size_px == 0.0) return std::nullopt;
  TitleWords words;
  words.title.text = setting.heading;
  words.title.style = style;
  words.title.color = setting.theme().text;
  words.title.source = {setting.heading_field, 0, 0};
  words.title.entrance = Entrance::rise;
  words.height = setting.engine().measure(setting.heading, false, style, column.width).height;
  words.title.box = narrowed({column.x, column.y, column.width, words.height},
                             balanced_width(setting.engine(), setting.heading, style, column.width), style);
  const std::string& second = setting.overlay.empty() ? setting.scene.body : setting.overlay;
  if (second.empty()) return words;
  TextStyle second_style;
  second_style.line_spacing = body_spacing(second);
  second_style.rtl = setting.rtl;
  // Enlarged words may take what the title leaves.
  const double room = setting.font_scale() > 1.0 ? column.height - words.height - kBelowTitle : kHookHeight;
  const double size =
      fit_size(setting.engine(), second, second_style, sizes_at(setting.font_scale(), type::kBody, type::kLabel),
               column.width, std::max(room, kHookHeight));
  if (size == 0.0) return std::nullopt;
  words.second = second_line(setting, column, size);
  words.second->box.y += words.height + kBelowTitle;
  words.height += kBelowTitle + words.second->box.height;
  return words;
}

// The page's ground: the subject's drawing on a field of its own.
std::vector<Element> title_ground(const SceneSetting& setting, bool with_panel) {
  std::vector<Element> ground;
  const double page = setting.context.page_width;
  const double width = page * grid::kPanelShare;
  if (with_panel) ground = panels_over(setting, {setting.rtl ? 0.0 : page - width, 0.0, width, kPageHeight});
  if (setting.context.has_backdrop) return ground;
  const double center = with_panel ? page - width * 0.5 : page - 160.0;
  const Point middle{setting.rtl ? page - center : center, kPageHeight * 0.5};
  // Without a field of its own it lies below words.
  ground.push_back(with_panel ? motif_at(setting, middle, width * 0.92, 0.85) : motif_at(setting, middle, 900.0, 0.12));
  return ground;
}

}  // namespace

std::vector<Page> lay_out_list(const SceneSetting& setting) {
  const Scene& scene = setting.scene;
  const Heading heading = lay_out_aside(setting);
  FlowOptions options;
  options.column = heading.below;
  options.rtl = setting.rtl;
  options.floor_scale = kBodyFloorScale;
  options.font_scale = setting.font_scale();
  if (heading.beside) options.rise = 0.5;
  std::vector<Block> blocks = heading.blocks;
  const bool words_only = scene.bullets.empty() && scene.equations.empty();
  if (!setting.overlay.empty()) blocks.push_back(overlay_block(setting, type::kBody));
  for (Block& block : equation_blocks(setting, scene.equations.size() > 2 ? type::kHeadline : type::kTitle)) {
    blocks.push_back(std::move(block));
  }
  const double body = words_only ? body_size(scene.body) : type::kBody;
  if (!scene.body.empty()) blocks.push_back(body_block(setting, body));
  for (Block& block : bullet_blocks(setting, scene.kind == SceneKind::takeaways)) blocks.push_back(std::move(block));
  if (words_only) {
    if (!scene.body.empty()) options.floor_scale = std::min(1.0, kSmallestBody / body);
    options.column = leading_part(setting, heading.below, kMeasure * body * std::max(1.0, setting.font_scale()));
  }
  std::vector<Page> pages = flow_blocks(setting.engine(), setting.theme(), blocks, options);
  put_heading(pages, heading);
  return pages;
}

std::vector<Page> lay_out_title(const SceneSetting& setting) {
  const Rect content = setting.content();
  const bool with_panel = setting.context.page_width >= grid::kLeastPanelPage && setting.font_scale() <= 1.3;
  const double page = setting.context.page_width;
  const double width = with_panel ? page * (1.0 - grid::kPanelShare) - grid::kMarginX - grid::kBesidePanel
                                  : std::min(1240.0 * std::max(1.0, setting.font_scale()), content.width);
  const Rect column = leading_part(setting, content, width);
  const bool extras = !setting.scene.bullets.empty() || !setting.scene.equations.empty() ||
                      (!setting.overlay.empty() && !setting.scene.body.empty());
  std::optional<TitleWords> words = extras ? std::nullopt : set_title(setting, column);
  if (!words || words->height > column.height) return lay_out_list(setting);
  Page title;
  title.elements = title_ground(setting, with_panel);
  const double down = (column.height - words->height) * 0.46;
  words->title.box.y += down;
  title.elements.push_back(std::move(words->title));
  if (words->second) {
    words->second->box.y += down;
    title.elements.push_back(std::move(*words->second));
  }
  return {std::move(title)};
}

}  // namespace vivid::render
