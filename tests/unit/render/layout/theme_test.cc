#include "render/layout/theme.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

constexpr Subject kSubjects[] = {Subject::physics, Subject::math,       Subject::chemistry, Subject::biology,
                                 Subject::history, Subject::literature, Subject::other};

void expect_readable(const Theme& theme) {
  for (const Color& behind :
       {theme.background, theme.background_high, theme.background_low, theme.surface, theme.panel}) {
    EXPECT_GE(contrast_ratio(theme.text, behind), kTextContrast);
    EXPECT_GE(contrast_ratio(theme.muted, behind), kTextContrast);
    EXPECT_GE(contrast_ratio(theme.accent_text, behind), kTextContrast);
    EXPECT_GE(contrast_ratio(theme.accent, behind), kGraphicContrast);
  }
  EXPECT_GE(contrast_ratio(theme.on_accent, theme.accent), kTextContrast);
}

// WCAG 2.1, success criterion 1.4.6 Contrast (Enhanced), level AAA: 7:1, by its definition of contrast ratio. Lines,
// for which 1.4.11 asks 3:1, have as much.
void expect_high_contrast(const Theme& theme) {
  constexpr double kEnhanced = 7.0;
  for (const Color& behind :
       {theme.background, theme.background_high, theme.background_low, theme.surface, theme.panel}) {
    for (const Color& drawn :
         {theme.text, theme.muted, theme.accent_text, theme.accent, theme.surface_edge, theme.rule}) {
      EXPECT_GE(contrast_ratio(drawn, behind), kEnhanced);
    }
  }
  EXPECT_GE(contrast_ratio(theme.on_accent, theme.accent), kEnhanced);
}

TEST(Color, ParsesHexAndNamesAndNothingElse) {
  ASSERT_TRUE(parse_color("#1a1a2e").has_value());
  EXPECT_DOUBLE_EQ(parse_color("#1a1a2e")->b, 0x2e / 255.0);
  EXPECT_DOUBLE_EQ(parse_color("#f00")->r, 1.0);
  EXPECT_TRUE(parse_color("RED").has_value());
  for (const char* wrong : {"", "#", "#12345", "#1234567", "#gggggg", "basketball_court", "rgb(1,2,3)"}) {
    EXPECT_FALSE(parse_color(wrong).has_value()) << wrong;
  }
}

TEST(Color, MeasuresContrastAsWcagDoes) {
  EXPECT_NEAR(contrast_ratio(kBlack, kWhite), 21.0, 0.001);
  EXPECT_NEAR(contrast_ratio(from_rgb(0x777777), kWhite), 4.478, 0.01);
  EXPECT_NEAR(contrast_ratio(from_rgb(0x0f3460), from_rgb(0x16213e)), 1.29, 0.05);
}

TEST(Color, ChangesNothingThatContrastsEnough) {
  const Color cyan = from_rgb(0x00d4ff);
  const Color kept = ensure_contrast(cyan, {from_rgb(0x1a1a2e)}, kTextContrast);
  EXPECT_DOUBLE_EQ(kept.r, cyan.r);
  EXPECT_DOUBLE_EQ(kept.g, cyan.g);
}

TEST(Theme, KeepsTheColoursThatWereAskedFor) {
  const Theme physics = theme_for(Subject::physics);
  EXPECT_DOUBLE_EQ(contrast_ratio(physics.background, from_rgb(0x1a1a2e)), 1.0);
  EXPECT_DOUBLE_EQ(contrast_ratio(physics.accent, from_rgb(0x00d4ff)), 1.0);
}

TEST(Theme, CanBeReadOnEverySubject) {
  for (const Subject subject : kSubjects) {
    SCOPED_TRACE(static_cast<int>(subject));
    expect_readable(theme_for(subject));
  }
}

TEST(Theme, ReachesTheEnhancedContrastOnEverySubjectWhenAsked) {
  for (const Subject subject : kSubjects) {
    SCOPED_TRACE(static_cast<int>(subject));
    const Theme theme = theme_for(subject, Contrast::high);
    expect_high_contrast(theme);
    EXPECT_GE(theme.text_contrast(), 7.0);
    EXPECT_GE(theme.line_contrast(), 7.0);
  }
}

TEST(Theme, ReachesTheEnhancedContrastOnAnyBackgroundWhenAsked) {
  for (unsigned r = 0; r <= 255; r += 51) {
    for (unsigned g = 0; g <= 255; g += 51) {
      for (unsigned b = 0; b <= 255; b += 51) {
        SCOPED_TRACE(::testing::Message() << r << " " << g << " " << b);
        for (const Subject subject : {Subject::math, Subject::biology}) {
          expect_high_contrast(theme_on(subject, from_rgb((r << 16) | (g << 8) | b), Contrast::high));
        }
      }
    }
  }
}

TEST(Theme, KeepsSubjectsApartWithHighContrast) {
  const Theme physics = theme_for(Subject::physics, Contrast::high);
  const Theme history = theme_for(Subject::history, Contrast::high);
  EXPECT_GT(physics.accent.b, physics.accent.r);
  EXPECT_GT(history.accent.r, history.accent.b);
  EXPECT_NE(physics.background.b, history.background.b);
}

// Words that have stepped back are words all the same.
void expect_readable_at_rest(const Theme& theme) {
  const double opacity = resting_opacity(theme);
  EXPECT_GT(opacity, 0.5);
  EXPECT_LE(opacity, 1.0);
  for (const Color& behind : {theme.background, theme.background_high, theme.background_low, theme.surface}) {
    EXPECT_GE(contrast_ratio(mix(behind, theme.text, opacity), behind), theme.text_contrast());
  }
}

TEST(Theme, CanBeReadWhereItHasSteppedBack) {
  for (const Subject subject : kSubjects) {
    SCOPED_TRACE(static_cast<int>(subject));
    EXPECT_LT(resting_opacity(theme_for(subject)), 0.9) << "it steps back";
    for (const Contrast contrast : {Contrast::usual, Contrast::high}) {
      expect_readable_at_rest(theme_for(subject, contrast));
      for (unsigned grey = 0; grey <= 255; grey += 5) {
        SCOPED_TRACE(grey);
        expect_readable_at_rest(theme_on(subject, from_rgb((grey << 16) | (grey << 8) | grey), contrast));
      }
    }
  }
}

TEST(Theme, CanBeReadOnAnyBackground) {
  for (unsigned r = 0; r <= 255; r += 51) {
    for (unsigned g = 0; g <= 255; g += 51) {
      for (unsigned b = 0; b <= 255; b += 51) {
        SCOPED_TRACE(::testing::Message() << r << " " << g << " " << b);
        expect_readable(theme_on(Subject::math, from_rgb((r << 16) | (g << 8) | b)));
      }
    }
  }
  for (unsigned grey = 0; grey <= 255; ++grey) {
    SCOPED_TRACE(grey);
    expect_readable(theme_on(Subject::physics, from_rgb((grey << 16) | (grey << 8) | grey)));
  }
}

}  // namespace
}  // namespace vivid::render
