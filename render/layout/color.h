// Colours and the contrast between them.
//
// Threads: values. Units: sRGB components, 0 … 1. Contrast as WCAG 2.1 defines it, 1 … 21.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

namespace vivid::render {

// Text of any size is at least this far from what is behind it (WCAG 2.1 AA).
inline constexpr double kTextContrast = 4.5;
// Text for those who see little of contrast (WCAG 2.1, 1.4.6, AAA): 7:1 whatever its size. Here lines have it too.
inline constexpr double kHighContrast = 7.0;
// Arrows, bars and other drawn things (WCAG 2.1, 1.4.11).
inline constexpr double kGraphicContrast = 3.0;

struct Color {
  double r = 0.0;
  double g = 0.0;
  double b = 0.0;
  double a = 1.0;

  Color with_alpha(double alpha) const { return {r, g, b, alpha}; }
};

inline constexpr Color kWhite{1.0, 1.0, 1.0, 1.0};
inline constexpr Color kBlack{0.0, 0.0, 0.0, 1.0};

constexpr Color from_rgb(unsigned rgb) {
  return {((rgb >> 16) & 0xffU) / 255.0, ((rgb >> 8) & 0xffU) / 255.0, (rgb & 0xffU) / 255.0, 1.0};
}

// '#rgb', '#rrggbb' or a CSS colour name; nothing for anything else.
std::optional<Color> parse_color(std::string_view text);

double contrast_ratio(const Color& one, const Color& other);

// `share` of `other` in `base`, 0 … 1, rounded to what 8 bits can hold.
Color mix(const Color& base, const Color& other, double share);

// Black or white, whichever is further from `background`.
Color readable_on(const Color& background);

// `color`, moved towards black or white only as far as `ratio` against every one of `backgrounds` demands.
Color ensure_contrast(const Color& color, std::initializer_list<Color> backgrounds, double ratio);

}  // namespace vivid::render
