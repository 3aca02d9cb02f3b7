#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "render/layout/scene_parts.h"
#include "render/storyboard/math_text.h"

namespace vivid::render {
namespace {

constexpr double kFrameWidth = 1920.0;
constexpr double kLabelSize = type::kLabel;
constexpr double kLabelWidth = 440.0;
constexpr double kLabelPaddingX = 22.0;
constexpr double kLabelPaddingY = 10.0;
constexpr double kClearance = 22.0;
// An enlarged caption leaves the drawing its room.
constexpr double kCaptionHeight = 150.0;
constexpr double kLargestZoom = 2.0;

struct Drawn {
  const Annotation* annotation = nullptr;
  int index = 0;
  Point from;
  Point to;
  Color color;
};

Rect spanned(Point a, Point b) {
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::abs(a.x - b.x), std::abs(a.y - b.y)};
}

Rect around(Point center, double width, double height) {
  return {center.x - width / 2, center.y - height / 2, width, height};
}

bool segment_touches(const Rect& box, Point a, Point b) {
  const double length = std::hypot(b.x - a.x, b.y - a.y);
  const int samples = std::max(1, static_cast<int>(length / 8.0));
  for (int i = 0; i <= samples; ++i) {
    const double t = static_cast<double>(i) / samples;
    const double x = a.x + (b.x - a.x) * t;
    const double y = a.y + (b.y - a.y) * t;
    if (x > box.x && x < box.right() && y > box.y && y < box.bottom()) return true;
  }
  return false;
}

class Diagram {
 public:
  Diagram(const SceneSetting& setting, const Rect& area, bool on_picture)
      : setting_(setting), area_(area), on_picture_(on_picture) {
    collect();
  }

  // The drawing; labels that found no free place are left to `unplaced`.
  std::vector<Element> draw(std::vector<Block>& unplaced) {
    std::vector<Element> elements;
    if (!on_picture_) elements.push_back(stage());
    for (const Drawn& drawn : drawn_) {
      if (drawn.annotation->kind == AnnotationKind::highlight) elements.push_back(highlight(drawn));
    }
    for (const Drawn& drawn : drawn_) {
      if (drawn.annotation->kind == AnnotationKind::arrow) elements.push_back(arrow(drawn));
    }
    if (place_enlarged(elements)) return elements;
    for (const Drawn& drawn : drawn_) {
      if (!drawn.annotation->label.empty()) place_label(drawn, elements, unplaced);
    }
    return elements;
  }

 private:
  // Where the input's points lie: on a picture where they were put; on an empty stage as large as it takes them.
  void collect() {
    const auto& annotations = setting_.scene.annotations;
    const double frame_width = on_picture_ ? setting_.context.page_width : kFrameWidth;
    const Rect& limits = area_;
    std::optional<Rect> bounds;
    for (std::size_t i = 0; i < annotations.size(); ++i) {
      const Annotation& annotation = annotations[i];
      Drawn drawn{
          &annotation, static_cast<int>(i), at(annotation.from, frame_width), at(annotation.to, frame_width), {}};
      if (annotation.kind == AnnotationKind::label) drawn.to = drawn.from;
      const Color asked = parse_color(annotation.color).value_or(setting_.theme().accent);
      drawn.color = ensure_contrast(asked, {setting_.theme().surface, setting_.theme().background},
                                    setting_.theme().line_contrast());
      const Rect own = spanned(drawn.from, drawn.to);
      bounds = bounds ? spanned({std::min(bounds->x, own.x), std::min(bounds->y, own.y)},
                                {std::max(bounds->right(), own.right()), std::max(bounds->bottom(), own.bottom())})
                      : own;
      drawn_.push_back(drawn);
    }
    if (!bounds) return;
    const Rect target = limits.inset(std::min(260.0, limits.width / 6), std::min(112.0, limits.height / 6));
    const double zoom = std::min(
        {kLargestZoom, target.width / std::max(1.0, bounds->width), target.height / std::max(1.0, bounds->height)});
    for (Drawn& drawn : drawn_) {
      for (Point* point : {&drawn.from, &drawn.to}) {
        if (!on_picture_) {
          point->x = target.x + target.width / 2 + (point->x - bounds->x - bounds->width / 2) * zoom;
          point->y = target.y + target.height / 2 + (point->y - bounds->y - bounds->height / 2) * zoom;
        }
        point->x = std::clamp(point->x, limits.x + 12.0, limits.right() - 12.0);
        point->y = std::clamp(point->y, limits.y + 12.0, limits.bottom() - 12.0);
      }
    }
  }

  static Point at(const Point& fraction, double frame_width) {
    return {fraction.x * frame_width, fraction.y * kPageHeight};
  }

  Element stage() const {
    Element stage;
    stage.kind = ElementKind::stage;
    stage.box = area_;
    stage.fill = setting_.theme().surface;
    stage.color = setting_.theme().surface_edge;
    stage.radius = grid::kRadius;
    return stage;
  }

  // What lies on a picture cannot rely on its colours.
  void put_casing(Element& line) const {
    if (!on_picture_ || !setting_.is_high_contrast()) return;
    line.casing = 6.0;
    line.fill = setting_.theme().background;
  }

  Element highlight(const Drawn& drawn) const {
    Element element;
    element.kind = ElementKind::highlight;
    element.annotation = drawn.index;
    element.box = spanned(drawn.from, drawn.to);
    element.color = drawn.color;
    element.fill = drawn.color.with_alpha(setting_.is_high_contrast() ? 0.0 : 0.16);
    element.radius = grid::kRadius;
    put_casing(element);
    return element;
  }

  Element arrow(const Drawn& drawn) const {
    Element element;
    element.kind = ElementKind::arrow;
    element.annotation = drawn.index;
    element.from = drawn.from;
    element.to = drawn.to;
    element.box = spanned(drawn.from, drawn.to);
    element.color = drawn.color;
    put_casing(element);
    return element;
  }

  bool is_free(const Rect& box) const {
    if (!area_.inset(14.0, 14.0).contains(box)) return false;
    for (const Rect& plate : plates_) {
      if (plate.inset(-12.0, -12.0).intersects(box)) return false;
    }
    for (const Drawn& drawn : drawn_) {
      if (drawn.annotation->kind == AnnotationKind::arrow &&
          segment_touches(box.inset(-kClearance, -kClearance), drawn.from, drawn.to)) {
        return false;
      }
      if (drawn.annotation->kind == AnnotationKind::highlight && cuts_edge(box, spanned(drawn.from, drawn.to))) {
        return false;
      }
    }
    return true;
  }

  // Inside a highlight or outside of it, but not across its edge.
  static bool cuts_edge(const Rect& box, const Rect& region) {
    const Rect padded = box.inset(-8.0, -8.0);
    return padded.intersects(region) && !region.contains(padded);
  }

  std::optional<Rect> find_place(const Drawn& drawn, double width, double height) const {
    for (const Rect& box : near_places(drawn, width, height)) {
      if (is_free(box)) return box;
    }
    // Anywhere on the stage, the nearer the better.
    const Point middle{(drawn.from.x + drawn.to.x) / 2, (drawn.from.y + drawn.to.y) / 2};
    std::optional<Rect> best;
    double best_distance = 0.0;
    for (double y = area_.y + 16.0; y + height <= area_.bottom() - 16.0; y += 24.0) {
      for (double x = area_.x + 16.0; x + width <= area_.right() - 16.0; x += 24.0) {
        const Rect box{x, y, width, height};
        const double distance = std::hypot(x + width / 2 - middle.x, y + height / 2 - middle.y);
        if ((!best || distance < best_distance) && is_free(box)) {
          best = box;
          best_distance = distance;
        }
      }
    }
    return best;
  }

  std::vector<Rect> near_places(const Drawn& drawn, double width, double height) const {
    std::vector<Rect> places;
    if (drawn.annotation->kind == AnnotationKind::arrow) {
      add_places_along(drawn, width, height, places);
      return places;
    }
    const Rect region = spanned(drawn.from, drawn.to);
    const Point middle{region.x + region.width / 2, region.y + region.height / 2};
    places.push_back(around(middle, width, height));
    for (const double gap : {20.0, 60.0}) {
      const double dy = region.height / 2 + gap + height / 2;
      const double dx = region.width / 2 + gap + width / 2;
      places.push_back(around({middle.x, middle.y + dy}, width, height));
      places.push_back(around({middle.x, middle.y - dy}, width, height));
      places.push_back(around({middle.x + dx, middle.y}, width, height));
      places.push_back(around({middle.x - dx, middle.y}, width, height));
    }
    return places;
  }

  // Beside the arrow, first on the side that faces away from the other arrows.
  void add_places_along(const Drawn& drawn, double width, double height, std::vector<Rect>& places) const {
    const double dx = drawn.to.x - drawn.from.x;
    const double dy = drawn.to.y - drawn.from.y;
    const double length = std::max(1.0, std::hypot(dx, dy));
    const Point normal{-dy / length, dx / length};
    const double side = preferred_side(drawn, normal);
    const auto beside = [&](double t, double gap, double sign) {
      const double reach = gap + std::abs(normal.x) * width / 2 + std::abs(normal.y) * height / 2;
      places.push_back(
          around({drawn.from.x + dx * t + normal.x * sign * reach, drawn.from.y + dy * t + normal.y * sign * reach},
                 width, height));
    };
    for (const double t : {0.6, 0.8}) {
      for (const double sign : {side, -side}) beside(t, 30.0, sign);
    }
    // Where many arrows leave one point, there is room at their heads.
    const double ahead = 26.0 + std::abs(dx / length) * width / 2 + std::abs(dy / length) * height / 2;
    places.push_back(around({drawn.to.x + dx / length * ahead, drawn.to.y + dy / length * ahead}, width, height));
    for (const double gap : {30.0, 64.0}) {
      for (const double t : {0.95, 0.4, 0.2}) {
        for (const double sign : {side, -side}) beside(t, gap, sign);
      }
    }
  }

  double preferred_side(const Drawn& drawn, const Point& normal) const {
    double away = 0.0;
    for (const Drawn& other : drawn_) {
      if (&other == &drawn || other.annotation->kind != AnnotationKind::arrow) continue;
      const double ox = (other.from.x + other.to.x - drawn.from.x - drawn.to.x) / 2;
      const double oy = (other.from.y + other.to.y - drawn.from.y - drawn.to.y) / 2;
      away -= ox * normal.x + oy * normal.y;
    }
    if (away == 0.0) return normal.y > 0.0 ? -1.0 : 1.0;  // above a level arrow
    return away > 0.0 ? 1.0 : -1.0;
  }

  // All labels at one size, the largest at which each finds a place. False: there is none above the usual one.
  bool place_enlarged(std::vector<Element>& elements) {
    if (setting_.font_scale() <= 1.0) return false;
    for (const double size : sizes_at(setting_.font_scale(), kLabelSize, kLabelSize)) {
      plates_.clear();
      std::vector<Element> labels;
      const bool all = std::all_of(drawn_.begin(), drawn_.end(), [&](const Drawn& drawn) {
        return drawn.annotation->label.empty() || place_at(drawn, size, labels);
      });
      if (!all) continue;
      elements.insert(elements.end(), labels.begin(), labels.end());
      return true;
    }
    plates_.clear();
    return false;
  }

  bool place_at(const Drawn& drawn, double size, std::vector<Element>& elements) {
    const std::string& text = drawn.annotation->label;
    if (text.size() > 400) return false;
    TextStyle style;
    style.size_px = size;
    style.weight = 600;
    style.align = Align::center;
    style.line_spacing = 0.92;
    style.rtl = setting_.rtl;
    const double widest =
        std::clamp(kLabelWidth * setting_.font_scale(), kLabelWidth, std::max(kLabelWidth, area_.width * 0.4));
    const MeasuredText measured = setting_.engine().measure(text, false, style, widest);
    if (measured.breaks_words || measured.height > 4 * size * 1.4) return false;
    const double width = std::ceil(measured.width) + 2.0;
    const auto box = find_place(drawn, width + 2 * kLabelPaddingX, measured.height + 2 * kLabelPaddingY);
    if (!box) return false;
    plates_.push_back(*box);
    add_plate(drawn, *box, style, elements);
    return true;
  }

  void place_label(const Drawn& drawn, std::vector<Element>& elements, std::vector<Block>& unplaced) {
    const std::string& text = drawn.annotation->label;
    const double scale = std::min(setting_.font_scale(), 1.0);
    for (const double size : type_ladder(kLabelSize, type::kCaption)) {
      if (place_at(drawn, size * scale, elements)) return;
    }
    Block block;
    block.kind = BlockKind::point;
    block.text = text;
    block.color = setting_.theme().text;
    block.source = {SourceField::annotation, drawn.index, 0};
    unplaced.push_back(block);
  }

  void add_plate(const Drawn& drawn, const Rect& box, const TextStyle& style, std::vector<Element>& elements) const {
    Element plate;
    plate.kind = ElementKind::plate;
    plate.annotation = drawn.index;
    plate.entrance = Entrance::grow;
    plate.box = box;
    plate.fill = setting_.theme().background;
    plate.color = drawn.color;
    plate.radius = grid::kRadius;
    elements.push_back(plate);
    Element label;
    label.box = box.inset(kLabelPaddingX, kLabelPaddingY);
    label.text = drawn.annotation->label;
    label.style = style;
    label.color = setting_.theme().text;
    label.source = {SourceField::annotation, drawn.index, 0};
    label.annotation = drawn.index;
    label.entrance = Entrance::grow;
    elements.push_back(label);
  }

  const SceneSetting& setting_;
  Rect area_;
  bool on_picture_;
  std::vector<Drawn> drawn_;
  std::vector<Rect> plates_;
};

// The first equation or the overlay, under the drawing, if it fits into one line.
std::optional<Element> caption(const SceneSetting& setting, double width) {
  Element line;
  line.style.align = Align::center;
  line.style.rtl = setting.rtl;
  line.color = setting.theme().text;
  std::vector<double> sizes;
  if (!setting.scene.equations.empty() && setting.scene.equations.front().size() <= 400) {
    line.text = setting.engine().formulas().character_of({setting.scene.equations.front(), true});
    line.markup = line.text.empty();
    if (line.markup) line.text = math_markup(setting.scene.equations.front());
    line.style.font = FontRole::serif;
    line.style.italic = line.markup;
    sizes = sizes_at(setting.font_scale(), type::kHeading, type::kHeading);
    line.source = {SourceField::equation, 0, 0};
  } else if (!setting.overlay.empty() && setting.overlay.size() <= 200) {
    line.text = setting.overlay;
    line.style.weight = 600;
    sizes = sizes_at(setting.font_scale(), type::kBody, type::kBody);
    line.source = {SourceField::overlay, 0, 0};
  } else {
    return std::nullopt;
  }
  for (const double size : sizes) {
    line.style.size_px = size;
    const MeasuredText measured = setting.engine().measure(line.text, line.markup, line.style, width);
    const bool crowds = size > sizes.back() && measured.height > kCaptionHeight;
    if (measured.lines.size() != 1 || crowds) continue;
    line.box = {0.0, 0.0, width, measured.height};
    return line;
  }
  return std::nullopt;
}

std::vector<Block> rest_of(const SceneSetting& setting, const Heading& heading, const Source& shown) {
  std::vector<Block> rest = heading.blocks;
  if (!setting.overlay.empty() && shown.field != SourceField::overlay)
    rest.push_back(overlay_block(setting, type::kBody));
  for (Block& block : equation_blocks(setting, type::kHeadline)) {
    if (shown.field != SourceField::equation || block.source.index != shown.index) rest.push_back(std::move(block));
  }
  if (!setting.scene.body.empty()) rest.push_back(body_block(setting, type::kBody));
  for (Block& block : bullet_blocks(setting, false)) rest.push_back(std::move(block));
  return rest;
}

}  // namespace

std::vector<Page> lay_out_diagram(const SceneSetting& setting) {
  if (setting.scene.annotations.empty()) return lay_out_list(setting);
  // A drawing without a heading takes the whole page; one on a picture is drawn where its points are put.
  const bool whole = setting.heading.empty() || setting.context.has_backdrop;
  const Heading heading = whole ? lay_out_heading(setting) : lay_out_aside(setting);
  Rect area = heading.below;
  std::vector<Page> pages(1);
  Source shown;
  if (auto line = caption(setting, area.width)) {
    line->box.x = area.x;
    line->box.y = area.bottom() - line->box.height;
    area.height -= line->box.height + 24.0;
    shown = line->source;
    pages[0].elements.push_back(std::move(*line));
  }
  std::vector<Block> unplaced;
  Diagram diagram(setting, area, setting.context.has_backdrop);
  for (Element& element : diagram.draw(unplaced)) pages[0].elements.push_back(std::move(element));
  pages[0].steps.front().weight = 120.0;  // a drawing takes time to look at
  put_heading(pages, heading);
  std::vector<Block> rest = rest_of(setting, heading, shown);
  rest.insert(rest.end(), unplaced.begin(), unplaced.end());
  append_rest(pages, setting, heading, rest);
  return pages;
}

}  // namespace vivid::render
