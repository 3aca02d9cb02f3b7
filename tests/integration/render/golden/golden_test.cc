// Pictures as they were when somebody looked at them and found them good. `./dev golden` takes new ones after a change
// of looks: look at them before they are committed.

#include <gtest/gtest.h>
#include <pango/pangocairo.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <utility>

#include "golden_image.h"
#include "golden_lessons.h"
#include "render/compose/composer.h"
#include "samples.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

using testing::Golden;
using testing::Image;
using testing::Likeness;

// The same fonts, set by another release of the libraries that draw them, differ in the softness of edges: 0.99 and
// more as a whole. A line of text that is a pixel off brings its tile below 0.8, another colour shows in its mean.
constexpr double kWhole = 0.985;
constexpr double kWorst = 0.85;
constexpr double kColor = 4.0;

constexpr std::pair<const char*, const char*> kFonts[] = {{"Noto Sans", "fonts-noto-core"},
                                                          {"Noto Serif", "fonts-noto-core"},
                                                          {"Noto Sans Display", "fonts-noto-core"},
                                                          {"Noto Serif Display", "fonts-noto-core"},
                                                          {"Noto Sans Arabic", "fonts-noto-core"},
                                                          {"Noto Sans Hebrew", "fonts-noto-core"},
                                                          {"Noto Sans Devanagari", "fonts-noto-core"},
                                                          {"Noto Sans Thai", "fonts-noto-core"},
                                                          {"Noto Sans Math", "fonts-noto-core"},
                                                          {"Noto Sans Symbols", "fonts-noto-core"},
                                                          {"Noto Sans Symbols2", "fonts-noto-core"},
                                                          {"Noto Sans CJK SC", "fonts-noto-cjk"},
                                                          {"Noto Sans CJK JP", "fonts-noto-cjk"},
                                                          {"Noto Serif CJK SC", "fonts-noto-cjk"},
                                                          {"Noto Serif CJK JP", "fonts-noto-cjk"},
                                                          {"Noto Sans SemiBold", "fonts-noto-extra"},
                                                          {"Noto Color Emoji", "fonts-noto-color-emoji"}};

// Families of all faces, with the names of those that are families to older programs.
std::set<std::string> installed_fonts() {
  std::set<std::string> names;
  PangoFontMap* map = pango_cairo_font_map_new();
  PangoFontFamily** families = nullptr;
  int family_count = 0;
  pango_font_map_list_families(map, &families, &family_count);
  for (int i = 0; i < family_count; ++i) {
    const std::string family = pango_font_family_get_name(families[i]);
    names.insert(family);
    PangoFontFace** faces = nullptr;
    int face_count = 0;
    pango_font_family_list_faces(families[i], &faces, &face_count);
    for (int f = 0; f < face_count; ++f) names.insert(family + " " + pango_font_face_get_face_name(faces[f]));
    g_free(faces);
  }
  g_free(families);
  g_object_unref(map);
  return names;
}

// Empty: all are there.
std::string missing_fonts() {
  const std::set<std::string> installed = installed_fonts();
  std::string missing;
  for (const auto& [family, package] : kFonts) {
    if (installed.count(family) == 0) missing += std::string("\n  ") + family + " (apt-get install " + package + ")";
  }
  return missing;
}

std::filesystem::path golden_path(const Golden& golden) {
  return std::filesystem::path(VIVID_SOURCE_DIR) / "tests/integration/render/golden/images" / (golden.name + ".png");
}

Image take_picture(const Golden& golden) {
  auto composer = Composer::create(golden.lesson, testing::narration_of(golden.lesson), golden.options);
  EXPECT_TRUE(composer.has_value()) << composer.error().describe();
  if (!composer) return {};
  const test::TemporaryFolder folder;
  const std::filesystem::path png = folder.path() / "still.png";
  const Status written = (*composer)->write_scene_still(golden.scene, png);
  EXPECT_TRUE(written.has_value()) << written.error().describe();
  return testing::read_png(png).value_or(Image{});
}

// What was expected, what came and where they differ, side by side for whoever looks.
std::filesystem::path leave_evidence(const Golden& golden, const Image& expected, const Image& actual) {
  const std::filesystem::path folder = std::filesystem::path(VIVID_BINARY_DIR) / "golden" / golden.name;
  testing::write_png(expected, folder / "expected.png");
  testing::write_png(actual, folder / "actual.png");
  testing::write_png(testing::difference(expected, actual), folder / "difference.png");
  return folder;
}

class Goldens : public ::testing::TestWithParam<Golden> {};

TEST_P(Goldens, LookAsTheyWereFoundGood) {
  const std::string missing = missing_fonts();
  ASSERT_EQ(missing, "") << "fonts are missing:" << missing;
  const Golden& golden = GetParam();
  const Image actual = take_picture(golden);
  ASSERT_GT(actual.width, 0);
  if (std::getenv("VIVID_UPDATE_GOLDEN") != nullptr) {
    testing::write_png(actual, golden_path(golden));
    return;
  }
  const auto expected = testing::read_png(golden_path(golden));
  ASSERT_TRUE(expected.has_value()) << golden_path(golden) << " is missing; ./dev golden makes it";
  ASSERT_EQ(expected->width, actual.width);
  ASSERT_EQ(expected->height, actual.height);
  const Likeness likeness = testing::compare(*expected, actual);
  if (likeness.whole >= kWhole && likeness.worst >= kWorst && likeness.color <= kColor) return;
  ADD_FAILURE() << likeness.describe() << "; see " << leave_evidence(golden, *expected, actual)
                << ". If it is meant to look like this, take new ones: ./dev golden";
}

std::string name_of(const ::testing::TestParamInfo<Golden>& info) {
  std::string name = info.param.name;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Goldens, ::testing::ValuesIn(testing::goldens()), name_of);

TEST(GoldenImages, HaveNoneThatNothingIsComparedWith) {
  std::set<std::string> wanted;
  for (const Golden& golden : testing::goldens()) wanted.insert(golden.name + ".png");
  const auto folder = std::filesystem::path(VIVID_SOURCE_DIR) / "tests/integration/render/golden/images";
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(wanted.count(entry.path().filename().string()), 1U) << entry.path();
    bytes += entry.file_size();
  }
  EXPECT_LT(bytes, 2'000'000U) << "kept small: they are in everybody's clone";
}

// The comparison itself: it sees what a viewer sees, and nothing else.
TEST(GoldenImages, DifferWhereALineIsAPixelOff) {
  const Golden golden = testing::goldens().front();
  const Image image = take_picture(golden);
  ASSERT_GT(image.width, 0);
  EXPECT_GT(testing::compare(image, image).worst, 0.999);
  Image moved = image;
  Image softer = image;
  for (int y = 1; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const auto place =
          static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x);
      moved.pixels[place] = image.at(x, y - 1);
      for (std::size_t c = 0; c < 3; ++c) {
        softer.pixels[place][c] = static_cast<std::uint8_t>((15 * image.at(x, y)[c] + image.at(x, y - 1)[c]) / 16);
      }
    }
  }
  EXPECT_LT(testing::compare(image, moved).worst, kWorst);
  const Likeness soft = testing::compare(image, softer);
  EXPECT_GT(soft.whole, kWhole) << soft.describe();
  EXPECT_GT(soft.worst, kWorst) << soft.describe();
  EXPECT_LT(soft.color, kColor) << soft.describe();
}

}  // namespace
}  // namespace vivid::render
