// The lessons that come with the program, for every reader: whatever the size of text and the contrast, every word can
// be seen and read.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "render/layout/scene_layout.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {
namespace {

constexpr double kScales[] = {0.75, 1.0, 1.25, 1.5, 1.75, 2.0};

struct Sample {
  std::string name;
  Storyboard lesson;
};

std::vector<Sample> samples() {
  std::vector<Sample> found;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(VIVID_SOURCE_DIR) / "samples")) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("script-") && !name.starts_with("storyboard-")) continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    auto lesson = parse_storyboard(text.str());
    EXPECT_TRUE(lesson.has_value()) << name;
    if (lesson) found.push_back({name, std::move(*lesson)});
  }
  return found;
}

Rect ink_of_words(const TextEngine& engine, const Element& element) {
  Rect ink = engine.measure(element.text, element.markup, element.style, element.box.width).ink;
  ink.x += element.box.x;
  ink.y += element.box.y;
  return ink;
}

// The colours that may lie under a word: the topmost field that holds it, or the backdrop's, and a drawing on them.
std::vector<Color> grounds_of(const TextEngine& engine, const Theme& theme, const Page& page, std::size_t index) {
  const Rect ink = ink_of_words(engine, page.elements[index]);
  std::vector<Color> grounds{theme.background, theme.background_high, theme.background_low};
  for (std::size_t i = 0; i < index; ++i) {
    const Element& under = page.elements[i];
    const bool field = under.kind == ElementKind::panel || under.kind == ElementKind::card ||
                       under.kind == ElementKind::stage || under.kind == ElementKind::plate;
    if (field && under.fill.a >= 1.0 && under.box.contains(ink)) grounds = {under.fill};
    if (under.kind != ElementKind::motif || !under.box.intersects(ink)) continue;
    const std::size_t bare = grounds.size();
    for (std::size_t g = 0; g < bare; ++g) grounds.push_back(mix(grounds[g], under.color, under.color.a));
  }
  return grounds;
}

void expect_seen(const SceneContext& context, const Page& page) {
  const Rect safe =
      Rect{0, 0, context.page_width, kPageHeight}.inset(context.page_width * kSafeMargin, kPageHeight * kSafeMargin);
  std::vector<Rect> inks;
  for (std::size_t i = 0; i < page.elements.size(); ++i) {
    const Element& element = page.elements[i];
    if (element.kind != ElementKind::text) continue;
    SCOPED_TRACE(element.text.substr(0, 40));
    const Rect ink = ink_of_words(*context.engine, element);
    EXPECT_TRUE(safe.contains(ink)) << ink.x << " " << ink.y << " to " << ink.right() << " " << ink.bottom();
    for (const Rect& other : inks) EXPECT_FALSE(ink.inset(0.5, 0.5).intersects(other));
    inks.push_back(ink);
  }
}

void expect_readable(const SceneContext& context, const Page& page) {
  const double resting = resting_opacity(context.theme);
  for (std::size_t i = 0; i < page.elements.size(); ++i) {
    const Element& element = page.elements[i];
    if (element.kind != ElementKind::text) continue;
    SCOPED_TRACE(element.text.substr(0, 40));
    for (const Color& ground : grounds_of(*context.engine, context.theme, page, i)) {
      EXPECT_GE(contrast_ratio(element.color, ground), context.theme.text_contrast());
      if (!element.rests) continue;
      EXPECT_GE(contrast_ratio(mix(ground, element.color, resting), ground), context.theme.text_contrast());
    }
  }
}

void expect_good(const Storyboard& lesson, Subject subject, Contrast contrast, double scale, double width) {
  const TextEngine engine(lesson.language);
  for (std::size_t s = 0; s < lesson.scenes.size(); ++s) {
    SceneContext context;
    context.engine = &engine;
    context.theme = theme_for(subject, contrast);
    context.page_width = width;
    context.language = lesson.language;
    context.watermark = "Made with Vivid, free plan";
    context.progress_line = true;
    context.scene_index = static_cast<int>(s);
    context.scene_count = static_cast<int>(lesson.scenes.size());
    context.font_scale = scale;
    for (const Page& page : lay_out_scene(lesson.scenes[s], context)) {
      SCOPED_TRACE(::testing::Message() << "scene " << s + 1 << ", scale " << scale << ", width " << width);
      expect_seen(context, page);
      expect_readable(context, page);
    }
  }
}

TEST(SamplesLayout, ShowsEveryWordAtEverySizeOfText) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(sample.name);
    for (const double scale : kScales)
      expect_good(sample.lesson, sample.lesson.subject, Contrast::usual, scale, 1920.0);
  }
}

TEST(SamplesLayout, ShowsEveryWordAtHighContrast) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(sample.name);
    for (const double scale : {1.0, 2.0}) {
      expect_good(sample.lesson, sample.lesson.subject, Contrast::high, scale, 1920.0);
    }
  }
}

TEST(SamplesLayout, ShowsEveryWordInEveryTheme) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(sample.name);
    for (int subject = 0; subject <= static_cast<int>(Subject::other); ++subject) {
      SCOPED_TRACE(subject);
      expect_good(sample.lesson, static_cast<Subject>(subject), Contrast::usual, 1.0, 1920.0);
    }
  }
}

TEST(SamplesLayout, ShowsEveryWordOnPagesOfOtherShapes) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(sample.name);
    for (const double width : {810.0, 1080.0, 1440.0, 2520.0}) {
      expect_good(sample.lesson, sample.lesson.subject, Contrast::usual, 1.25, width);
    }
  }
}

TEST(SamplesLayout, FindsTheSamples) { EXPECT_GE(samples().size(), 6U); }

}  // namespace
}  // namespace vivid::render
