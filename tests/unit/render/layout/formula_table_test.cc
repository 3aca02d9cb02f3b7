#include "render/layout/formula_table.h"

#include <cairo.h>
#include <gtest/gtest.h>

#include <string>

#include "render/layout/balance.h"
#include "render/layout/flow.h"
#include "render/layout/formula_art.h"
#include "render/layout/page_layers.h"
#include "render/layout/painter.h"

namespace vivid::render {
namespace {

// A bar, twice as wide as high, of which a quarter is below the baseline.
Drawing bar(double width_em = 2.0) {
  Drawing drawing;
  drawing.svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 200 100\"><rect width=\"200\" height=\"100\" "
      "fill=\"currentColor\"/></svg>";
  drawing.width_em = width_em;
  drawing.height_em = 0.75;
  drawing.depth_em = 0.25;
  drawing.identity = "bar of " + std::to_string(width_em);
  return drawing;
}

FormulaTable table_of(const Formula& formula, const Drawing& drawing) {
  EquationBook book;
  book.add(formula, drawing);
  return FormulaTable({formula}, book);
}

const Formula kInline{"x^2", false};

TEST(FormulaTable, PutsCharactersForFormulasAndTextForOthers) {
  const FormulaTable table = table_of(kInline, bar());
  const std::string character = table.character_of(kInline);
  ASSERT_EQ(character.size(), 4U);
  EXPECT_EQ(table.with_formulas("a $x^2$ b $y^2$ c"), "a " + character + " b y² c");
  EXPECT_EQ(table.with_formulas("$5 and $10"), "$5 and $10");
  ASSERT_EQ(table.find_in("ab" + character).size(), 1U);
  EXPECT_EQ(table.find_in("ab" + character)[0].offset, 2U);
}

TEST(FormulaTable, PutsDisplayedFormulasOnLinesOfTheirOwn) {
  const FormulaTable table = table_of({"x", true}, bar());
  const std::string character = table.character_of({"x", true});
  EXPECT_EQ(table.with_formulas("a $$x$$ b"), "a\n" + character + "\nb");
  EXPECT_EQ(table.with_formulas("$$x$$"), character);
}

TEST(FormulaTable, TakesNothingInTheInputForAFormula) {
  const FormulaTable table = table_of(kInline, bar());
  const std::string character = table.character_of(kInline);
  EXPECT_EQ(table.with_formulas("a" + character + "b"),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(FormulaTable, LeavesOutWhatIsNoDrawing) {
  Drawing broken = bar();
  broken.svg = "<svg nonsense";
  EXPECT_EQ(table_of(kInline, broken).character_of(kInline), "");
}

TEST(FormulaTable, CollectsEachFormulaOfALessonOnce) {
  Storyboard storyboard;
  Scene scene;
  scene.title = "On $x^2$";
  scene.body = "Twice $x^2$ and $$y$$";
  scene.equations = {"$$z$$", "x^2"};
  storyboard.scenes = {scene};
  const std::vector<Formula> expected{{"z", true}, {"x^2", true}, {"x^2", false}, {"y", true}};
  EXPECT_EQ(formulas_of(storyboard), expected);
}

TEST(FormulaArt, TakesTheRoomOfItsDrawingInALine) {
  const FormulaTable table = table_of(kInline, bar());
  const TextEngine engine("en", table);
  TextStyle style;
  style.size_px = 100.0;
  const std::string character = table.character_of(kInline);
  const MeasuredText alone = engine.measure(character, false, style, 1000.0);
  EXPECT_NEAR(alone.width, 200.0 * kFormulaScale, 1.0);
  const MeasuredText narrow = engine.measure(character, false, style, 100.0);
  EXPECT_NEAR(narrow.width, 100.0, 1.0);
  EXPECT_LT(narrow.height, alone.height);
}

// A narrower line would still hold it, but drawn smaller.
TEST(FormulaArt, IsNotMadeSmallerForLinesOfOneLength) {
  const FormulaTable table = table_of(kInline, bar(8.0));
  const TextEngine engine("en", table);
  TextStyle style;
  style.size_px = 100.0;
  const double natural = 800.0 * kFormulaScale;
  const std::string texts[] = {"Solving " + table.character_of(kInline),
                               "It is " + table.character_of(kInline) + " ok"};
  for (const std::string& text : texts) {
    EXPECT_GE(balanced_width(engine, text, style, natural + 50.0), natural);
    EXPECT_GE(settled_width(engine, text, style, natural + 50.0), natural);
    // One that is wider than the column takes all of it.
    EXPECT_EQ(balanced_width(engine, text, style, natural - 200.0), natural - 200.0);
  }
}

// A line with a tall formula moves the lines around it apart.
TEST(FormulaArt, KeepsLinesApart) {
  Drawing tall = bar();
  tall.height_em = 3.0;
  const FormulaTable table = table_of(kInline, tall);
  const TextEngine engine("en", table);
  TextStyle style;
  style.line_spacing = 0.9;
  const std::string text = "above\n" + table.character_of(kInline) + "\nbelow";
  const MeasuredText measured = engine.measure(text, false, style, 1000.0);
  ASSERT_EQ(measured.lines.size(), 3U);
  EXPECT_GT(measured.lines[1].bottom - measured.lines[0].bottom, 3.0 * style.size_px);
}

TEST(FormulaArt, IsDrawnInTheColourOfTheText) {
  const FormulaTable table = table_of(kInline, bar());
  const TextEngine engine("en", table);
  Element element;
  element.text = table.character_of(kInline);
  element.style.size_px = 40.0;
  element.box = {20.0, 20.0, 200.0, 60.0};
  element.color = Color{1.0, 0.5, 0.0, 1.0};
  Page page;
  page.elements = {element};
  auto surface = make_surface(240, 100);
  ASSERT_TRUE(surface.has_value());
  paint_elements(surface->get(), engine, Theme(), page, {0}, {}, 1.0);
  cairo_surface_flush(surface->get());
  const unsigned char* data = cairo_image_surface_get_data(surface->get());
  const int stride = cairo_image_surface_get_stride(surface->get());
  int inked = 0;
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 240; ++x) {
      const unsigned char* pixel = data + y * stride + x * 4;
      if (pixel[3] != 255) continue;
      ++inked;
      EXPECT_EQ(pixel[2], 255);  // red
      EXPECT_NEAR(pixel[1], 128, 1);
      EXPECT_EQ(pixel[0], 0);
    }
  }
  const double em = 40.0 * kFormulaScale;
  EXPECT_NEAR(inked, 2.0 * em * em, 0.08 * 2.0 * em * em);
}

TEST(FormulaArt, LayersOfDifferentFormulasDiffer) {
  Page page;
  page.elements.resize(1);
  page.elements[0].box = {100.0, 100.0, 400.0, 100.0};
  const auto identity = [&page](const Drawing& drawing) {
    const FormulaTable table = table_of(kInline, drawing);
    page.elements[0].text = table.character_of(kInline);
    return split_page(TextEngine("en", table), Theme(), page).at(0).identity;
  };
  EXPECT_EQ(identity(bar(2.0)), identity(bar(2.0)));
  EXPECT_NE(identity(bar(2.0)), identity(bar(3.0)));
}

}  // namespace
}  // namespace vivid::render
