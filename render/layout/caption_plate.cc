#include "render/layout/caption_plate.h"

#include <algorithm>

#include "render/layout/type.h"

namespace vivid::render {
namespace {

constexpr double kLineShare = 1.36;  // of the letters' size
constexpr double kPaddingX = 24.0;
constexpr double kPaddingY = 10.0;
constexpr double kGap = 20.0;  // from the content to the plate
constexpr double kLines = 2.0;
// Larger letters would not let 42 of them stand in a line.
constexpr double kLargestScale = 1.5;
constexpr double kSmallest = 24.0;
constexpr double kClosest = 0.76;  // of the font's line height
constexpr double kPlateAlpha = 0.84;

double size_at(double font_scale) { return type::kBody * std::clamp(font_scale, 1.0, kLargestScale); }

}  // namespace

double caption_room(double font_scale) { return kLines * size_at(font_scale) * kLineShare + 2 * kPaddingY + kGap; }

Page lay_out_caption(const TextEngine& engine, const std::vector<std::string>& lines, const CaptionStyle& style) {
  Element text;
  for (const std::string& line : lines) text.text += (text.text.empty() ? "" : "\n") + line;
  text.style.weight = 500;
  text.style.align = Align::center;
  text.style.line_spacing = 1.0;
  text.color = kWhite;
  const double width = style.page_width - 2 * grid::kMarginX - 2 * kPaddingX;
  // Each line stays one, however wide its letters are.
  text.style.size_px = size_at(style.font_scale);
  MeasuredText measured = engine.measure(text.text, false, text.style, width);
  const double room = caption_room(style.font_scale) - kGap - 2 * kPaddingY;
  const auto fits = [&] { return measured.lines.size() <= lines.size() && measured.height <= room; };
  while (!fits() && text.style.size_px > kSmallest) {
    // Lines of scripts with tall letters move together before their letters become smaller.
    if (measured.height > room && text.style.line_spacing > kClosest) {
      text.style.line_spacing -= 0.04;
    } else {
      text.style.size_px *= 0.96;
    }
    measured = engine.measure(text.text, false, text.style, width);
  }
  const double bottom = grid::kBottom;
  text.box = {grid::kMarginX + kPaddingX, bottom - kPaddingY - measured.height, width, measured.height};
  Element plate;
  plate.kind = ElementKind::card;
  plate.box = Rect{(style.page_width - measured.width) / 2, text.box.y, measured.width, measured.height}.inset(
      -kPaddingX, -kPaddingY);
  plate.fill = kBlack.with_alpha(style.high_contrast ? 1.0 : kPlateAlpha);
  plate.color = kBlack.with_alpha(0.0);
  plate.radius = grid::kRadius;
  Page page;
  page.elements = {plate, text};
  return page;
}

}  // namespace vivid::render
