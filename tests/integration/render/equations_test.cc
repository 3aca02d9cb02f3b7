// Equations as the real typesetter sets them: Node.js with MathJax, which ./dev setup installs.
#include <cairo.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "render/equations/typesetter.h"
#include "render/layout/formula_art.h"
#include "render/layout/painter.h"
#include "tests/support/render/child.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render::testing_support {
namespace {

namespace fs = std::filesystem;

class Equations : public testing::Test {
 protected:
  void SetUp() override {
    options_.package = fs::path(VIVID_BINARY_DIR) / "share/vividd/tex";
    options_.time_limit = std::chrono::minutes(2);
    if (!fs::exists(options_.package / "node_modules/mathjax-full/package.json")) {
      GTEST_SKIP() << "MathJax is not installed; ./dev setup does that";
    }
    if (Child({"node", "--version"}, folder_.path()).wait().exit_code != 0) GTEST_SKIP() << "there is no Node.js";
  }

  SetFormulas set(const std::vector<std::string>& texs, double widest_em = 30.0) {
    std::vector<Formula> formulas;
    for (const std::string& tex : texs) formulas.push_back({tex, true});
    return set_formulas(formulas, widest_em, options_);
  }
  Drawing one(const std::string& tex, double widest_em = 30.0) {
    const SetFormulas result = set({tex}, widest_em);
    EXPECT_TRUE(result.problems.empty()) << result.problems.at(0);
    const auto drawing = result.book.find({tex, true});
    EXPECT_NE(drawing, nullptr) << tex;
    return drawing ? *drawing : Drawing();
  }

  vivid::test::TemporaryFolder folder_;
  EquationOptions options_;
};

struct Ink {
  double inside = 0.0;  // share of the box that is inked
  int outside = 0;      // pixels beyond box and room
};
Ink ink_of(const Drawing& drawing) {
  constexpr double kEm = 48.0;
  constexpr double kMargin = 40.0;
  const double width = drawing.width_em * kEm;
  const double height = (drawing.height_em + drawing.depth_em) * kEm;
  const auto surface = make_surface(static_cast<int>(width + 2 * kMargin), static_cast<int>(height + 2 * kMargin));
  EXPECT_TRUE(surface.has_value());
  cairo_t* cairo = cairo_create(surface->get());
  draw_formula(cairo, drawing, kMargin, kMargin + drawing.height_em * kEm, kEm, kWhite);
  cairo_destroy(cairo);
  cairo_surface_flush(surface->get());
  const unsigned char* data = cairo_image_surface_get_data(surface->get());
  const double room = drawing.room_em * kEm + 2.0;
  Ink ink;
  for (int y = 0; y < cairo_image_surface_get_height(surface->get()); ++y) {
    for (int x = 0; x < cairo_image_surface_get_width(surface->get()); ++x) {
      const int alpha = data[y * cairo_image_surface_get_stride(surface->get()) + x * 4 + 3];
      const bool within =
          x >= kMargin - room && x <= kMargin + width + room && y >= kMargin - room && y <= kMargin + height + room;
      ink.inside += within ? alpha / 255.0 : 0.0;
      ink.outside += !within && alpha > 0 ? 1 : 0;
    }
  }
  ink.inside /= width * height;
  return ink;
}

TEST_F(Equations, HaveTheSizeAndTheInkOfWhatTheyShow) {
  const Drawing letter = one("x");
  EXPECT_LT(letter.width_em, 1.0);
  EXPECT_NEAR(letter.depth_em, 0.0, 0.05);
  const Drawing fraction = one("\\frac{a}{b}");
  EXPECT_GT(fraction.height_em + fraction.depth_em, 1.5);
  EXPECT_GT(fraction.depth_em, 0.4);
  EXPECT_GT(one("\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}").height_em, fraction.height_em);
  for (const char* tex :
       {"\\sqrt[3]{x + 1}", "\\sum_{k=1}^{n} k = \\frac{n(n+1)}{2}", "\\int_0^\\infty e^{-x^2}\\,dx",
        "\\begin{aligned} 2x + 3y &= 7 \\\\ x - y &= 1 \\end{aligned}", "\\ce{6 CO2 + 6 H2O ->[h\\nu] C6H12O6 + 6 O2}",
        "\\vec{F} = m\\vec{a}", "\\overbrace{a + b + c}^{n}", "\\cancel{x} \\boxed{y}", "\\text{если } x > 0",
        "\\begin{array}{c|c} a & b \\\\ \\hline c & d \\end{array}", "x = 1 \\tag{1}"}) {
    const Drawing drawing = one(tex);
    ASSERT_GT(drawing.width_em, 0.5) << tex;
    const Ink ink = ink_of(drawing);
    EXPECT_GT(ink.inside, 0.04) << tex;
    EXPECT_LT(ink.inside, 0.5) << tex;
    EXPECT_EQ(ink.outside, 0) << tex;
  }
}

TEST_F(Equations, AreSmallerWithinALine) {
  const Formula within{"\\sum_{k=1}^{n} \\frac{1}{k}", false};
  const SetFormulas result = set_formulas({within, {within.tex, true}}, 30.0, options_);
  ASSERT_NE(result.book.find(within), nullptr);
  EXPECT_LT(result.book.find(within)->height_em, result.book.find({within.tex, true})->height_em);
}

TEST_F(Equations, AreTheSameEveryTime) {
  const char* tex = "x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}";
  EXPECT_EQ(one(tex).svg, one(tex).svg);
}

TEST_F(Equations, AreToldWhenTheyAreWrong) {
  const SetFormulas wrong = set({"\\frac{a}{", "\\zorp", "x^2^3", "good"});
  ASSERT_EQ(wrong.problems.size(), 3U);
  EXPECT_EQ(wrong.problems[0], "equation \"\\frac{a}{\" is not set: Missing close brace");
  EXPECT_NE(wrong.problems[1].find("\\zorp"), std::string::npos);
  EXPECT_NE(wrong.book.find({"good", true}), nullptr);
}

TEST_F(Equations, LoadLinkAndDefineNothing) {
  const SetFormulas refused =
      set({"\\require{html} x", "\\href{http://x}{y}", "\\style{color:red}{x}", "\\class{a}{x}", "\\def\\a{\\a\\a}\\a",
           "\\newcommand{\\a}{b}\\a", "\\input{/etc/passwd}", "\\unicode{x41}", "\\cssId{a}{x}", "\\bbox[red]{x}"});
  EXPECT_TRUE(refused.book.empty());
  EXPECT_EQ(refused.problems.size(), 10U);
  const Drawing link = one("\\mmlToken{mi}[href=\"http://x\"]{x}");
  EXPECT_EQ(link.svg.find("http://x"), std::string::npos);
}

TEST_F(Equations, HaveNoColoursOfTheirOwn) {
  const Drawing drawing = one("\\color{red}{x} + \\colorbox{yellow}{y}");
  EXPECT_EQ(drawing.svg.find("red"), std::string::npos);
  EXPECT_EQ(drawing.svg.find("yellow"), std::string::npos);
}

TEST_F(Equations, AreBrokenWhereTheyAreTooWide) {
  const char* tex =
      "(a+b)^{10} = a^{10} + 10a^9b + 45a^8b^2 + 120a^7b^3 + 210a^6b^4 + 252a^5b^5 + 210a^4b^6 + 120a^3b^7 + b^{10}";
  const Drawing whole = one(tex, 100.0);
  const Drawing broken = one(tex, 16.0);
  EXPECT_GT(whole.width_em, 30.0);
  EXPECT_LE(broken.width_em, 16.0);
  EXPECT_GT(broken.height_em + broken.depth_em, 2 * (whole.height_em + whole.depth_em));
  // One long word cannot be.
  const std::string word = "\\text{" + std::string(80, 'm') + "}";
  EXPECT_GT(one(word, 16.0).width_em, 16.0);
}

TEST_F(Equations, HoldUpNobodyForLong) {
  options_.time_limit = std::chrono::milliseconds(1);
  const SetFormulas late = set({"x"});
  EXPECT_TRUE(late.book.empty());
  ASSERT_EQ(late.problems.size(), 1U);
  EXPECT_NE(late.problems[0].find("longer than 1 ms"), std::string::npos);
}

TEST_F(Equations, AreShownByTheProgramAndWithoutTypesetterAsText) {
  std::ofstream(folder_ / "lesson.json") << R"({"scenes": [{"visual_type": "equation", "duration_seconds": 1,
    "text_overlay": "On $x^2$", "equations": ["\\frac{a}{b} = \\sqrt{c}", "\\frac{a}{"]}]})";
  const auto render = [&](const std::string& name, const std::string& command) {
    const Finished finished =
        Child({std::string(VIVID_BINARY_DIR) + "/bin/vivid-render", (folder_ / "lesson.json").string(), "-o",
               (folder_ / name).string(), "--hardware", "never", "--size", "1280x720", "--preset", "ultrafast",
               "--speech", "none", "--fps", "5", "--scene-images", "--formats", "none", "--equations", command},
              folder_.path())
            .wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return nlohmann::json::parse(slurp(folder_ / name / "manifest.json"))["warnings"].dump();
  };
  const std::string warnings = render("set", "node");
  EXPECT_NE(warnings.find("Missing close brace"), std::string::npos) << warnings;
  EXPECT_EQ(warnings.find("as text"), std::string::npos) << warnings;
  EXPECT_NE(render("missing", "/no/such/node").find("as text"), std::string::npos);
  EXPECT_EQ(render("off", "").find("as text"), std::string::npos);
  const std::string set_picture = slurp(folder_ / "set/images/scene-01.png");
  const std::string text_picture = slurp(folder_ / "off/images/scene-01.png");
  EXPECT_FALSE(set_picture.empty());
  EXPECT_NE(set_picture, text_picture);
  EXPECT_EQ(slurp(folder_ / "missing/images/scene-01.png"), text_picture);
}

}  // namespace
}  // namespace vivid::render::testing_support
