#include "render/layout/plates.h"

#include <algorithm>
#include <cstddef>

#include "render/layout/type.h"

namespace vivid::render {
namespace {

constexpr double kPaddingX = 28.0;
constexpr double kPaddingY = 24.0;

struct Ground {
  Rect box;
  int step = 0;
};

Rect united(const Rect& a, const Rect& b) {
  const double x = std::min(a.x, b.x);
  const double y = std::min(a.y, b.y);
  return {x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y};
}

bool needs_ground(const Element& element) {
  return element.kind == ElementKind::text || element.kind == ElementKind::bar;
}

bool is_solid(const Element& element) {
  const bool surface = element.kind == ElementKind::card || element.kind == ElementKind::plate ||
                       element.kind == ElementKind::stage || element.kind == ElementKind::panel;
  return surface && element.fill.a >= 1.0;
}

// As wide as its words, not as the column they are set in.
Rect extent_of(const Element& element, const TextEngine& engine) {
  if (element.kind != ElementKind::text) return element.box;
  const MeasuredText measured = engine.measure(element.text, element.markup, element.style, element.box.width);
  const Rect ink{element.box.x + measured.ink.x, element.box.y, measured.ink.width, measured.height};
  return ink;
}

std::vector<Ground> grounds_of(const Page& page, const TextEngine& engine) {
  std::vector<Ground> grounds;
  for (std::size_t i = 0; i < page.elements.size(); ++i) {
    const Element& element = page.elements[i];
    if (!needs_ground(element)) continue;
    const Rect extent = extent_of(element, engine);
    const auto before = page.elements.begin() + static_cast<std::ptrdiff_t>(i);
    const bool has_ground = std::any_of(page.elements.begin(), before, [&](const Element& under) {
      return is_solid(under) && under.box.contains(extent);
    });
    if (!has_ground) grounds.push_back({extent.inset(-kPaddingX, -kPaddingY), element.step});
  }
  return grounds;
}

// Until no two touch; each time two do, there is one less.
void merge_touching(std::vector<Ground>& grounds) {
  for (std::size_t i = 0; i < grounds.size();) {
    const auto touching = std::find_if(grounds.begin() + static_cast<std::ptrdiff_t>(i) + 1, grounds.end(),
                                       [&](const Ground& other) { return grounds[i].box.intersects(other.box); });
    if (touching == grounds.end()) {
      ++i;
      continue;
    }
    grounds[i] = {united(grounds[i].box, touching->box), std::min(grounds[i].step, touching->step)};
    grounds.erase(touching);
    i = 0;  // what was apart from the smaller one may touch the larger
  }
}

}  // namespace

void put_plates(std::vector<Page>& pages, const SceneContext& context) {
  for (Page& page : pages) {
    std::vector<Ground> grounds = grounds_of(page, *context.engine);
    merge_touching(grounds);
    std::vector<Element> plates;
    for (const Ground& ground : grounds) {
      Element plate;
      plate.kind = ElementKind::card;
      plate.box = ground.box;
      plate.fill = context.theme.background;
      plate.color = context.theme.surface_edge;
      plate.radius = grid::kRadius;
      plate.step = ground.step;
      plates.push_back(plate);
    }
    page.elements.insert(page.elements.begin(), plates.begin(), plates.end());
  }
}

}  // namespace vivid::render
