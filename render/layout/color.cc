#include "render/layout/color.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace vivid::render {
namespace {

constexpr std::array<std::pair<std::string_view, unsigned>, 36> kNamedColors{{
    {"aqua", 0x00ffff},      {"beige", 0xf5f5dc},     {"black", 0x000000},     {"blue", 0x2f6bff},
    {"brown", 0xa0622d},     {"coral", 0xff7f50},     {"crimson", 0xdc143c},   {"cyan", 0x00d4ff},
    {"darkblue", 0x00008b},  {"darkgreen", 0x006400}, {"darkred", 0x8b0000},   {"fuchsia", 0xff00ff},
    {"gold", 0xffd700},      {"gray", 0x808080},      {"green", 0x2eb85c},     {"grey", 0x808080},
    {"indigo", 0x4b0082},    {"khaki", 0xf0e68c},     {"lightblue", 0xadd8e6}, {"lightgreen", 0x90ee90},
    {"lime", 0x00ff00},      {"magenta", 0xff00ff},   {"maroon", 0x800000},    {"navy", 0x000080},
    {"olive", 0x808000},     {"orange", 0xffa500},    {"pink", 0xffc0cb},      {"purple", 0x9b4dca},
    {"red", 0xff4d4d},       {"salmon", 0xfa8072},    {"silver", 0xc0c0c0},    {"teal", 0x14a3a3},
    {"turquoise", 0x40e0d0}, {"violet", 0xee82ee},    {"white", 0xffffff},     {"yellow", 0xffe14d},
}};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<Color> parse_hex(std::string_view digits) {
  if (digits.size() != 3 && digits.size() != 6) return std::nullopt;
  unsigned value = 0;
  for (const char c : digits) {
    const int digit = hex_digit(c);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
    if (digits.size() == 3) value = value * 16 + static_cast<unsigned>(digit);
  }
  return from_rgb(value);
}

double linear(double component) {
  return component <= 0.04045 ? component / 12.92 : std::pow((component + 0.055) / 1.055, 2.4);
}

double luminance(const Color& color) {
  return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b);
}

double to_eight_bits(double component) { return std::round(std::clamp(component, 0.0, 1.0) * 255.0) / 255.0; }

}  // namespace

std::optional<Color> parse_color(std::string_view text) {
  if (!text.empty() && text.front() == '#') return parse_hex(text.substr(1));
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto found =
      std::find_if(kNamedColors.begin(), kNamedColors.end(), [&](const auto& entry) { return entry.first == name; });
  if (found == kNamedColors.end()) return std::nullopt;
  return from_rgb(found->second);
}

double contrast_ratio(const Color& one, const Color& other) {
  const double a = luminance(one);
  const double b = luminance(other);
  return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

Color mix(const Color& base, const Color& other, double share) {
  const auto blend = [share](double from, double to) { return to_eight_bits(from + (to - from) * share); };
  return {blend(base.r, other.r), blend(base.g, other.g), blend(base.b, other.b), base.a};
}

Color readable_on(const Color& background) {
  return contrast_ratio(kWhite, background) >= contrast_ratio(kBlack, background) ? kWhite : kBlack;
}

Color ensure_contrast(const Color& color, std::initializer_list<Color> backgrounds, double ratio) {
  const auto enough = [&](const Color& candidate) {
    return std::all_of(backgrounds.begin(), backgrounds.end(),
                       [&](const Color& background) { return contrast_ratio(candidate, background) >= ratio; });
  };
  if (backgrounds.size() == 0 || enough(color)) return color;
  const Color target = readable_on(*backgrounds.begin());
  for (int percent = 2; percent <= 100; percent += 2) {
    const Color candidate = mix(color, target, percent / 100.0);
    if (enough(candidate)) return candidate;
  }
  return target;
}

}  // namespace vivid::render
