#include "render/layout/page_layers.h"

#include <algorithm>
#include <sstream>

#include "render/layout/painter.h"

namespace vivid::render {
namespace {

bool draws_on(const Element& element) {
  return element.kind == ElementKind::arrow || element.kind == ElementKind::highlight ||
         element.kind == ElementKind::progress;
}

Rect united(const Rect& a, const Rect& b) {
  const double x = std::min(a.x, b.x);
  const double y = std::min(a.y, b.y);
  return {x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y};
}

// Everything that has a say in an element's pixels.
void describe(const Element& element, std::ostream& to) {
  const auto color = [&to](const Color& c) { to << c.r << ' ' << c.g << ' ' << c.b << ' ' << c.a << ' '; };
  const TextStyle& style = element.style;
  to << static_cast<int>(element.kind) << ' ' << element.box.x << ' ' << element.box.y << ' ' << element.box.width
     << ' ' << element.box.height << ' ' << element.text.size() << ' ' << element.text << ' ' << element.markup << ' '
     << static_cast<int>(style.font) << ' ' << style.size_px << ' ' << style.weight << ' ' << style.italic << ' '
     << style.line_spacing << ' ' << static_cast<int>(style.align) << ' ' << style.rtl << ' ';
  color(element.color);
  color(element.fill);
  to << element.casing << ' ' << element.from.x << ' ' << element.from.y << ' ' << element.to.x << ' ' << element.to.y
     << ' ' << element.radius << ' ' << element.parts << ';';
}

std::string identity_of(const PageLayer& layer, const TextEngine& engine, const Theme& theme, const Page& page) {
  std::ostringstream text;
  text << std::hexfloat << static_cast<int>(theme.subject) << ':';
  for (const std::size_t index : layer.elements) {
    describe(page.elements[index], text);
    text << engine.formulas().identity_of(page.elements[index].text);
  }
  return std::move(text).str();
}

}  // namespace

std::vector<PageLayer> split_page(const TextEngine& engine, const Theme& theme, const Page& page) {
  std::vector<PageLayer> layers;
  for (std::size_t i = 0; i < page.elements.size(); ++i) {
    const Element& element = page.elements[i];
    const Rect ink = ink_of(engine, theme, element);
    if (ink.width <= 0 || ink.height <= 0) continue;
    const auto below =
        std::find_if(layers.rbegin(), layers.rend(), [&](const PageLayer& layer) { return layer.ink.intersects(ink); });
    // What lies on something of the same step fades with it as one; otherwise one would shine through the other.
    const bool moves_alike = below != layers.rend() && below->step == element.step &&
                             below->annotation == element.annotation && below->entrance == element.entrance &&
                             below->rests == element.rests;
    const bool joins = moves_alike && !below->draws_on && !draws_on(element);
    if (joins) {
      below->elements.push_back(i);
      below->ink = united(below->ink, ink);
    } else {
      layers.push_back({element.step,
                        element.annotation,
                        {i},
                        ink,
                        draws_on(element),
                        {},
                        element.entrance,
                        element.rests,
                        element.drawn_from});
    }
  }
  for (PageLayer& layer : layers) layer.identity = identity_of(layer, engine, theme, page);
  return layers;
}

}  // namespace vivid::render
