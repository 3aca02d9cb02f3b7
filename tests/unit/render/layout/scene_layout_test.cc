#include "render/layout/scene_layout.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "render/layout/type.h"

namespace vivid::render {
namespace {

class SceneLayout : public ::testing::Test {
 protected:
  std::vector<Page> lay_out(const Scene& scene) {
    SceneContext context;
    context.engine = &engine_;
    context.theme = theme_for(subject_, contrast_);
    context.page_width = page_width_;
    context.language = language_;
    context.has_image = has_image_;
    context.has_backdrop = has_backdrop_;
    context.font_scale = font_scale_;
    context.watermark = "Free plan";
    std::vector<Page> pages = lay_out_scene(scene, context);
    expect_sound(scene, pages);
    if (contrast_ == Contrast::high) expect_high_contrast(context.theme, pages);
    return pages;
  }

  static bool is_surface(const Element& element) {
    return element.kind == ElementKind::card || element.kind == ElementKind::plate ||
           element.kind == ElementKind::stage || element.kind == ElementKind::panel;
  }

  // What lies under the words of an element, or under all of a drawn one: the topmost solid surface that holds it, else
  // the backdrop. Nothing: a picture of any colours.
  std::optional<Color> ground_of(const Theme& theme, const Page& page, std::size_t index) {
    const Element& element = page.elements[index];
    Rect extent = element.box;
    if (element.kind == ElementKind::text) {
      const MeasuredText measured = engine_.measure(element.text, element.markup, element.style, element.box.width);
      extent = {element.box.x + measured.ink.x, element.box.y + measured.ink.y, measured.ink.width,
                measured.ink.height};
    }
    for (std::size_t i = index; i-- > 0;) {
      const Element& under = page.elements[i];
      if (is_surface(under) && under.fill.a >= 1.0 && under.step <= element.step && under.box.contains(extent)) {
        return under.fill;
      }
    }
    if (has_image_ || has_backdrop_) return std::nullopt;
    return theme.background;
  }

  // WCAG 2.1, 1.4.6: 7:1 for words; and here for everything else that is drawn.
  void expect_high_contrast(const Theme& theme, const std::vector<Page>& pages) {
    for (const Page& page : pages) {
      for (std::size_t i = 0; i < page.elements.size(); ++i) {
        const Element& element = page.elements[i];
        const auto ground = ground_of(theme, page, i);
        SCOPED_TRACE(::testing::Message() << "kind " << static_cast<int>(element.kind) << " " << element.text);
        switch (element.kind) {
          case ElementKind::motif:  // pure decoration, and faint: words over it keep their contrast
            EXPECT_GE(contrast_ratio(theme.text, mix(theme.background, element.color, element.color.a)), 7.0);
            EXPECT_GE(contrast_ratio(theme.muted, mix(theme.background, element.color, element.color.a)), 7.0);
            break;
          case ElementKind::text:
          case ElementKind::bar:
            ASSERT_TRUE(ground.has_value()) << "on the bare picture";
            EXPECT_GE(contrast_ratio(element.color, *ground), 7.0);
            break;
          case ElementKind::arrow:
          case ElementKind::highlight:
            if (has_image_ || has_backdrop_) {
              EXPECT_GT(element.casing, 0.0);
              EXPECT_GE(contrast_ratio(element.color, element.fill), 7.0);
            } else {
              EXPECT_GE(contrast_ratio(element.color, *ground), 7.0);
              EXPECT_EQ(element.kind == ElementKind::highlight ? element.fill.a : 0.0, 0.0);
            }
            break;
          default:  // surfaces: their words are looked at above, their outline here; a watermark's plate has none
            if (contrast_ratio(element.color, element.fill) > 1.0) {
              EXPECT_GE(contrast_ratio(element.color, element.fill), 7.0);
            }
        }
      }
    }
  }

  void expect_sound(const Scene& scene, const std::vector<Page>& pages) {
    expect_every_word_once(scene, pages);
    for (const Page& page : pages) {
      expect_inside_safe_area(page);
      expect_texts_apart(page);
      for (const Element& element : page.elements) {
        EXPECT_GE(element.step, 0);
        EXPECT_LT(element.step, static_cast<int>(page.steps.size()));
      }
    }
  }

  // Ink and boxes alike, but for drawings and fields that bleed off on purpose.
  void expect_inside_safe_area(const Page& page) {
    const Rect safe = Rect{0, 0, page_width_, kPageHeight}.inset(page_width_ * kSafeMargin, kPageHeight * kSafeMargin);
    for (const Element& element : page.elements) {
      if (element.kind == ElementKind::motif || element.kind == ElementKind::panel) continue;
      EXPECT_TRUE(safe.contains(element.box))
          << element.text.substr(0, 40) << " y " << element.box.y << " to " << element.box.bottom();
      if (element.kind != ElementKind::text) continue;
      const MeasuredText measured = engine_.measure(element.text, element.markup, element.style, element.box.width);
      Rect ink = measured.ink;
      ink.x += element.box.x;
      ink.y += element.box.y;
      EXPECT_TRUE(safe.contains(ink)) << element.text.substr(0, 40);
      EXPECT_LE(measured.height, element.box.height + 0.5) << element.text.substr(0, 40);
      EXPECT_LE(ink.width, element.box.width + 12.0) << element.text.substr(0, 40);
    }
  }

  static void expect_texts_apart(const Page& page) {
    for (std::size_t i = 0; i < page.elements.size(); ++i) {
      for (std::size_t j = i + 1; j < page.elements.size(); ++j) {
        const Element& a = page.elements[i];
        const Element& b = page.elements[j];
        if (a.kind != b.kind || (a.kind != ElementKind::text && a.kind != ElementKind::plate)) continue;
        EXPECT_FALSE(a.box.inset(0.25, 0.25).intersects(b.box))
            << a.text.substr(0, 40) << " | " << b.text.substr(0, 40);
      }
    }
  }

  static void expect_every_word_once(const Scene& scene, const std::vector<Page>& pages) {
    std::map<std::pair<SourceField, int>, std::string> shown;
    for (const Page& page : pages) {
      for (const Element& element : page.elements) {
        if (element.source.field == SourceField::none || element.markup) continue;
        std::string& text = shown[{element.source.field, element.source.index}];
        EXPECT_EQ(element.source.offset, text.size()) << "a gap or a repetition before: " << element.text.substr(0, 40);
        text += element.text;
      }
    }
    const auto of = [&](SourceField field, int index) { return shown[{field, index}]; };
    EXPECT_EQ(of(SourceField::title, 0), scene.title);
    EXPECT_EQ(of(SourceField::body, 0), scene.body);
    for (std::size_t i = 0; i < scene.bullets.size(); ++i) {
      EXPECT_EQ(of(SourceField::bullet, static_cast<int>(i)), scene.bullets[i]);
    }
    for (std::size_t i = 0; i < scene.annotations.size(); ++i) {
      EXPECT_EQ(of(SourceField::annotation, static_cast<int>(i)), scene.annotations[i].label);
    }
  }

  static Scene scene_of(SceneKind kind, std::string title, std::string body = {},
                        std::vector<std::string> bullets = {}) {
    Scene scene;
    scene.kind = kind;
    scene.title = std::move(title);
    scene.body = std::move(body);
    scene.bullets = std::move(bullets);
    return scene;
  }

  static std::string story(int sentences) {
    std::string text;
    for (int i = 0; i < sentences; ++i) text += "This is sentence " + std::to_string(i) + " of a long story. ";
    return text;
  }

  double page_width_ = 1920.0;
  std::string language_ = "en";
  bool has_image_ = false;
  bool has_backdrop_ = false;
  double font_scale_ = 1.0;
  Contrast contrast_ = Contrast::usual;
  Subject subject_ = Subject::physics;
  TextEngine engine_{"en"};
};

constexpr SceneKind kKinds[] = {SceneKind::title,      SceneKind::bullets, SceneKind::text,     SceneKind::diagram,
                                SceneKind::comparison, SceneKind::image,   SceneKind::equation, SceneKind::takeaways};

TEST_F(SceneLayout, GivesShortTextOnePage) {
  for (const SceneKind kind : kKinds) {
    SCOPED_TRACE(static_cast<int>(kind));
    EXPECT_EQ(lay_out(scene_of(kind, "A heading", {}, {"One", "Two", "Three"})).size(), 1U);
  }
}

TEST_F(SceneLayout, KeepsEveryWordOfAnyKindAndScript) {
  const std::vector<std::string> texts{
      story(3),
      story(50),
      "دورة الماء في الطبيعة. " + story(10),
      "水の循環。蒸発、凝結、降水。",
      "जल चक्र। सूर्य की गर्मी से।",
      "น้ำระเหยกลายเป็นไอน้ำแล้วลอยขึ้นไป",
      "🌧️ ☀️ 👩‍🔬 e\u0301",
      "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
      std::string(1'200, 'w'),
      "line\nline\n\nline"};
  for (const SceneKind kind : kKinds) {
    for (const std::string& text : texts) {
      SCOPED_TRACE(::testing::Message() << static_cast<int>(kind) << " " << text.substr(0, 30));
      lay_out(scene_of(kind, "A heading", text, {text, "Short", text}));
      lay_out(scene_of(kind, text));
      lay_out(scene_of(kind, {}, text));
    }
  }
}

TEST_F(SceneLayout, KeepsEveryWordOfThousands) {
  const auto pages = lay_out(scene_of(SceneKind::text, "A book", story(1'500)));
  EXPECT_GT(pages.size(), 20U);
  EXPECT_LT(pages.size(), 200U);
}

TEST_F(SceneLayout, KeepsEveryWordOfTwoHundredBullets) {
  std::vector<std::string> bullets;
  for (int i = 0; i < 200; ++i) bullets.push_back("Bullet " + std::to_string(i));
  for (const SceneKind kind : {SceneKind::bullets, SceneKind::takeaways, SceneKind::comparison}) {
    EXPECT_GE(lay_out(scene_of(kind, "Many", {}, bullets)).size(), 10U);
  }
}

TEST_F(SceneLayout, KeepsCaptionsOverImages) {
  has_image_ = true;
  lay_out(scene_of(SceneKind::image, "A heading", "A caption"));
  EXPECT_GT(lay_out(scene_of(SceneKind::image, "A heading", story(40))).size(), 2U);
}

TEST_F(SceneLayout, BreaksPagesAfterSentences) {
  const auto pages = lay_out(scene_of(SceneKind::text, "A story", story(60)));
  ASSERT_GT(pages.size(), 1U);
  for (const Page& page : pages) {
    for (const Element& element : page.elements) {
      if (element.source.field != SourceField::body) continue;
      EXPECT_TRUE(element.text.ends_with(". ")) << element.text;
    }
  }
}

TEST_F(SceneLayout, PutsBulletsOnTheRightForArabic) {
  language_ = "ar";
  const auto pages = lay_out(scene_of(SceneKind::bullets, "دورة الماء", {}, {"التبخر (evaporation)", "التكاثف"}));
  for (const Element& element : pages[0].elements) {
    if (element.source.field == SourceField::title) {
      EXPECT_GT(element.box.x, page_width_ * 0.6);
    }
    if (element.source.field != SourceField::bullet) continue;
    EXPECT_TRUE(element.style.rtl);
    // Where the column begins, beside the heading's panel.
    EXPECT_NEAR(element.box.right(), page_width_ * (1.0 - grid::kPanelShare) - grid::kBesidePanel, 1.0);
  }
}

TEST_F(SceneLayout, ShowsOneMoreBulletAStep) {
  const auto pages = lay_out(scene_of(SceneKind::takeaways, "Points", {}, {"One", "Two", "Three"}));
  ASSERT_EQ(pages[0].steps.size(), 4U);
  EXPECT_EQ(pages[0].steps[0].bullet, -1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pages[0].steps[static_cast<std::size_t>(i) + 1].bullet, i);
}

TEST_F(SceneLayout, KeepsLabelsOffArrowsAndEachOther) {
  for (const int count : {1, 2, 6, 20, 120}) {
    SCOPED_TRACE(count);
    Scene scene = scene_of(SceneKind::diagram, "Forces");
    for (int i = 0; i < count; ++i) {
      const double at = (i % 11) / 10.0;
      scene.annotations.push_back(
          {AnnotationKind::arrow, "Force " + std::to_string(i), "red", {at, 0.1 * (i % 7)}, {1.0 - at, 0.9}});
    }
    const auto pages = lay_out(scene);
    for (const Element& plate : pages[0].elements) {
      if (plate.kind != ElementKind::plate) continue;
      for (const Element& arrow : pages[0].elements) {
        if (arrow.kind != ElementKind::arrow) continue;
        for (int i = 0; i <= 200; ++i) {
          const double x = arrow.from.x + (arrow.to.x - arrow.from.x) * i / 200;
          const double y = arrow.from.y + (arrow.to.y - arrow.from.y) * i / 200;
          const bool inside = x > plate.box.x && x < plate.box.right() && y > plate.box.y && y < plate.box.bottom();
          ASSERT_FALSE(inside);
        }
      }
    }
  }
}

TEST_F(SceneLayout, DrawsPointsAnywhereInsideTheFrame) {
  Scene scene = scene_of(SceneKind::diagram, "Edges");
  scene.annotations = {{AnnotationKind::arrow, "Across", "red", {0.0, 0.0}, {1.0, 1.0}},
                       {AnnotationKind::highlight, "All", "nonsense", {0.0, 0.0}, {1.0, 1.0}},
                       {AnnotationKind::label, "Corner", "", {1.0, 1.0}, {}},
                       {AnnotationKind::arrow, "Nowhere", "blue", {0.5, 0.5}, {0.5, 0.5}}};
  lay_out(scene);
}

// Of the words that a scene is for.
double largest_body(const std::vector<Page>& pages) {
  double size = 0.0;
  for (const Page& page : pages) {
    for (const Element& element : page.elements) {
      const bool body = element.source.field == SourceField::body || element.source.field == SourceField::bullet;
      if (body) size = std::max(size, element.style.size_px);
    }
  }
  return size;
}

TEST_F(SceneLayout, EnlargesTextAsAsked) {
  for (const SceneKind kind : kKinds) {
    SCOPED_TRACE(static_cast<int>(kind));
    const Scene scene = scene_of(kind, "Heading", kind == SceneKind::text ? "Few words." : "", {"One", "Two"});
    font_scale_ = 1.0;
    const double usual = largest_body(lay_out(scene));
    ASSERT_GT(usual, 0.0);
    for (const double scale : {0.75, 1.25, 1.5, 2.0}) {
      font_scale_ = scale;
      EXPECT_NEAR(largest_body(lay_out(scene)), usual * scale, usual * scale * 0.31) << scale;
    }
  }
  Scene list = scene_of(SceneKind::bullets, "Heading", {}, {"One", "Two"});
  font_scale_ = 1.5;
  EXPECT_DOUBLE_EQ(largest_body(lay_out(list)), type::kHeading * 1.5);
}

TEST_F(SceneLayout, ScalesLabelsAndWatermark) {
  Scene scene = scene_of(SceneKind::diagram, "Forces");
  scene.annotations = {{AnnotationKind::arrow, "Push", "red", {0.2, 0.5}, {0.6, 0.5}}};
  const auto size_of = [&](const std::string& text) {
    const auto pages = lay_out(scene);
    for (const Element& element : pages[0].elements) {
      if (element.text == text) return element.style.size_px;
    }
    return 0.0;
  };
  const double label = size_of("Push");
  const double mark = size_of("Free plan");
  font_scale_ = 1.5;
  EXPECT_DOUBLE_EQ(size_of("Push"), label * 1.5);
  EXPECT_GT(size_of("Free plan"), mark);
  font_scale_ = 0.75;
  EXPECT_DOUBLE_EQ(size_of("Push"), label * 0.75);
  EXPECT_DOUBLE_EQ(size_of("Free plan"), mark * 0.75);
}

TEST_F(SceneLayout, TakesMorePagesRatherThanGivingUpLargeText) {
  const Scene scene = scene_of(SceneKind::text, "A story", story(14));
  const auto usual = lay_out(scene);
  font_scale_ = 2.0;
  const auto large = lay_out(scene);
  EXPECT_GT(large.size(), usual.size());
  // The floor of running text is 40 px, twice as high here.
  for (const Page& page : large) {
    for (const Element& element : page.elements) {
      if (element.source.field == SourceField::body) {
        EXPECT_GE(element.style.size_px, 80.0);
      }
    }
  }
}

TEST_F(SceneLayout, ShrinksEnlargedTextBeforeItBreaksAWord) {
  const std::string word = "Elektrizitätsversorgungsunternehmen";
  font_scale_ = 2.0;
  for (const SceneKind kind : {SceneKind::bullets, SceneKind::text, SceneKind::comparison}) {
    SCOPED_TRACE(static_cast<int>(kind));
    const auto pages = lay_out(scene_of(kind, "Heading", kind == SceneKind::text ? word : "", {word, word}));
    for (const Page& page : pages) {
      for (const Element& element : page.elements) {
        if (element.kind != ElementKind::text) continue;
        EXPECT_FALSE(engine_.measure(element.text, element.markup, element.style, element.box.width).breaks_words)
            << element.text;
      }
    }
  }
}

TEST_F(SceneLayout, KeepsEveryWordAtAnySizeAndContrast) {
  const std::vector<std::string> texts{
      story(9), "دورة الماء في الطبيعة. " + story(2), "水の循環。蒸発、凝結、降水。", std::string(300, 'w'),
      "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"};
  for (const auto& [scale, contrast] :
       {std::pair(0.75, Contrast::usual), std::pair(1.5, Contrast::high), std::pair(2.0, Contrast::usual)}) {
    font_scale_ = scale;
    contrast_ = contrast;
    has_backdrop_ = contrast == Contrast::high;
    for (const SceneKind kind : kKinds) {
      for (const std::string& text : texts) {
        SCOPED_TRACE(::testing::Message() << scale << " " << static_cast<int>(kind) << " " << text.substr(0, 30));
        lay_out(scene_of(kind, "A heading of some length", text, {text, "Short"}));
      }
      lay_out(scene_of(kind, texts.front(), "Few words."));
    }
  }
}

TEST_F(SceneLayout, PutsWordsOnSolidGroundWithHighContrast) {
  contrast_ = Contrast::high;
  for (subject_ = Subject::physics; subject_ != Subject::other;
       subject_ = static_cast<Subject>(static_cast<int>(subject_) + 1)) {
    for (const SceneKind kind : kKinds) {
      for (const bool image : {false, true}) {
        for (const bool backdrop : {false, true}) {
          if (image && (backdrop || kind != SceneKind::image)) continue;
          SCOPED_TRACE(::testing::Message()
                       << static_cast<int>(subject_) << " " << static_cast<int>(kind) << image << backdrop);
          has_image_ = image;
          has_backdrop_ = backdrop;
          Scene scene = scene_of(kind, "A heading", "Some words below it.", {"One", "Two", "Three", "Four"});
          scene.text_overlay = "An overlay";
          scene.equations = {"F = m a"};
          if (kind == SceneKind::diagram) {
            scene.annotations = {{AnnotationKind::arrow, "Push", "darkred", {0.2, 0.5}, {0.6, 0.5}},
                                 {AnnotationKind::highlight, "Here", "navy", {0.3, 0.3}, {0.7, 0.8}},
                                 {AnnotationKind::label, "There", "black", {0.8, 0.4}, {}}};
          }
          lay_out(scene);
        }
      }
    }
  }
}

TEST_F(SceneLayout, FitsOtherShapesOfFrame) {
  for (const double width : {810.0, 1080.0, 1440.0, 2520.0}) {
    page_width_ = width;
    for (const SceneKind kind : kKinds) {
      SCOPED_TRACE(::testing::Message() << width << " " << static_cast<int>(kind));
      lay_out(scene_of(kind, "A heading of some length", story(6), {"First of all", "Then this", "And that"}));
    }
  }
}

}  // namespace
}  // namespace vivid::render
