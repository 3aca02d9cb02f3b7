// The look of a subject: every colour a page may use, chosen so that text on it can be read.
//
// Threads: values. All text colours have at least kTextContrast against every background they are used on.
#pragma once

#include "render/layout/color.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

struct Theme {
  Subject subject = Subject::other;
  Color background;       // middle of the backdrop
  Color background_high;  // its brighter corner
  Color background_low;   // its darker corner
  Color surface;          // cards and panels
  Color surface_edge;     // their outline
  Color text;             // on backdrop and surface
  Color muted;            // second voice, on backdrop and surface
  Color accent;           // bars, badges, arrows
  Color accent_text;      // words in the accent's hue, on backdrop and surface
  Color on_accent;        // words on an accent fill
};

Theme theme_for(Subject subject);

// The same subject on another background: everything else is chosen anew to suit it.
Theme theme_on(Subject subject, const Color& background);

}  // namespace vivid::render
