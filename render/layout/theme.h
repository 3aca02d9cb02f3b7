// The look of a subject: every colour a page may use, chosen so that text on it can be read.
//
// Threads: values. All text colours have at least the theme's text_contrast against every background they are used on,
// lines and fills its line_contrast.
#pragma once

#include "render/layout/color.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

// usual: WCAG 2.1 AA, with light and drawings behind the text. high: AAA for text and lines, on one flat colour.
enum class Contrast { usual, high };

struct Theme {
  Subject subject = Subject::other;
  Contrast contrast = Contrast::usual;
  Color background;       // middle of the backdrop
  Color background_high;  // its brighter corner
  Color background_low;   // its darker corner
  Color panel;            // the field of a page that its heading stands on
  Color surface;          // cards and stages
  Color surface_edge;     // their outline
  Color rule;             // fine lines between points
  Color text;             // on backdrop, panel and surface
  Color muted;            // second voice, on all of them
  Color accent;           // ticks, arrows, drawings
  Color accent_text;      // words in the accent's hue, on all of them
  Color on_accent;        // words on an accent fill

  double text_contrast() const { return contrast == Contrast::high ? kHighContrast : kTextContrast; }
  double line_contrast() const { return contrast == Contrast::high ? kHighContrast : kGraphicContrast; }
};

Theme theme_for(Subject subject, Contrast contrast = Contrast::usual);

// How opaque words are that have been spoken of: as faint as they may get and still be read as well as the theme's
// words must be; 1 where there is no room to step back.
double resting_opacity(const Theme& theme);

// The same subject on another background: everything else is chosen anew to suit it. With high contrast the background
// is moved away from its text as far as that takes.
Theme theme_on(Subject subject, const Color& background, Contrast contrast = Contrast::usual);

}  // namespace vivid::render
