#include "render/layout/theme.h"

namespace vivid::render {
namespace {

struct Palette {
  unsigned background;
  unsigned accent;
};

Palette palette_of(Subject subject) {
  switch (subject) {
    case Subject::physics:
      return {0x1a1a2e, 0x00d4ff};
    case Subject::math:
      return {0x2c3e50, 0xe74c3c};
    case Subject::chemistry:
      // #0f3460, the accent asked for, is 1.3:1 on its background: the same hue, lifted until it can be seen.
      return {0x16213e, 0x5b9df5};
    case Subject::biology:
      return {0x11271f, 0x6fdc8c};
    case Subject::history:
      return {0x2a1e17, 0xe3a857};
    case Subject::literature:
      return {0x291b35, 0xf497b6};
    case Subject::other:
      break;
  }
  return {0x1e1e1e, 0x4caf50};
}

Theme derive(Subject subject, const Color& background, const Color& accent) {
  Theme theme;
  theme.subject = subject;
  theme.background = background;
  const Color far = readable_on(background);
  const Color near = far.r > 0.5 ? kBlack : kWhite;
  // A mid-grey leaves no room for light surfaces: there they move away from the text instead.
  const bool roomy = contrast_ratio(far, mix(background, far, 0.16)) >= 6.0;
  // The brighter corner is lit by the accent.
  theme.background_high = roomy ? mix(mix(background, accent, 0.025), far, 0.01) : background;
  theme.background_low = mix(background, near, roomy ? 0.12 : 0.06);
  theme.surface = roomy ? mix(background, far, 0.075) : mix(background, near, 0.12);
  theme.surface_edge = roomy ? mix(background, far, 0.16) : mix(background, near, 0.24);
  // The accent's light in it tells the subjects apart before a word is read.
  theme.panel = roomy ? mix(mix(background, accent, 0.11), near, 0.12) : mix(background, near, 0.10);
  theme.rule = mix(background, far, roomy ? 0.26 : 0.0);
  if (!roomy) theme.rule = mix(background, near, 0.30);
  const auto on_page = {theme.background_high, theme.background, theme.background_low, theme.surface, theme.panel};
  theme.text = ensure_contrast(mix(far, background, roomy ? 0.05 : 0.0), on_page, kTextContrast);
  theme.muted = ensure_contrast(mix(far, background, roomy ? 0.30 : 0.0), on_page, roomy ? 5.5 : kTextContrast);
  theme.accent = ensure_contrast(accent, on_page, kGraphicContrast);
  theme.accent_text = ensure_contrast(accent, on_page, kTextContrast);
  theme.on_accent = readable_on(theme.accent);
  return theme;
}

// Black or white on it leaves room for coloured lines and a second voice at kHighContrast.
constexpr double kPlainContrast = 17.0;

Theme derive_high(Subject subject, const Color& wanted, const Color& accent) {
  const Color far = readable_on(wanted);
  const Color near = far.r > 0.5 ? kBlack : kWhite;
  Color background = wanted;
  for (int percent = 2; contrast_ratio(far, background) < kPlainContrast && percent <= 100; percent += 2) {
    background = mix(wanted, near, percent / 100.0);
  }
  Theme theme;
  theme.subject = subject;
  theme.contrast = Contrast::high;
  theme.background = background;
  theme.background_high = background;
  theme.background_low = background;
  theme.surface = background;
  theme.panel = background;
  theme.surface_edge = ensure_contrast(mix(background, far, 0.5), {background}, kHighContrast);
  theme.rule = theme.surface_edge;
  theme.text = far;
  theme.muted = ensure_contrast(mix(far, background, 0.2), {background}, kHighContrast);
  theme.accent = ensure_contrast(accent, {background}, kHighContrast);
  theme.accent_text = theme.accent;
  theme.on_accent = readable_on(theme.accent);
  return theme;
}

// What is seen of `color` at that opacity.
Color seen(const Color& color, const Color& behind, double opacity) { return mix(behind, color, opacity); }

}  // namespace

double resting_opacity(const Theme& theme) {
  constexpr double kFaintest = 0.62;
  constexpr double kNoticed = 0.86;  // less of a step back is none
  for (int percent = static_cast<int>(kFaintest * 100); percent <= static_cast<int>(kNoticed * 100); ++percent) {
    const double opacity = percent / 100.0;
    bool readable = true;
    for (const Color& behind : {theme.background_high, theme.background, theme.background_low, theme.surface}) {
      readable = readable && contrast_ratio(seen(theme.text, behind, opacity), behind) >= theme.text_contrast();
    }
    if (readable) return opacity;
  }
  return 1.0;
}

Theme theme_for(Subject subject, Contrast contrast) {
  return theme_on(subject, from_rgb(palette_of(subject).background), contrast);
}

Theme theme_on(Subject subject, const Color& background, Contrast contrast) {
  const Color accent = from_rgb(palette_of(subject).accent);
  return contrast == Contrast::high ? derive_high(subject, background, accent) : derive(subject, background, accent);
}

}  // namespace vivid::render
