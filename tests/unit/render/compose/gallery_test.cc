// Every look in one place. With VIVID_WRITE_STILLS=DIR each scene's still is written there, to be looked at.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "render/compose/composer.h"
#include "samples.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

using testing::arrow;
using testing::narration_of;
using testing::scene_of;
using testing::speak_bullets;
using testing::storyboard_of;

void expect_stills(const std::string& name, const Storyboard& storyboard, RenderOptions options = {}) {
  const char* wanted = std::getenv("VIVID_WRITE_STILLS");
  const test::TemporaryFolder temporary;
  const std::filesystem::path folder = std::filesystem::path(wanted != nullptr ? wanted : temporary.path()) / name;
  std::filesystem::create_directories(folder);
  if (wanted == nullptr) {
    options.width_px = 640;
    options.height_px = 360;
  }
  auto composer = Composer::create(storyboard, narration_of(storyboard), options);
  ASSERT_TRUE(composer.has_value()) << composer.error().describe();
  for (std::size_t i = 0; i < storyboard.scenes.size(); ++i) {
    const auto png = folder / (std::to_string(i + 1) + ".png");
    const Status written = (*composer)->write_scene_still(static_cast<int>(i), png);
    ASSERT_TRUE(written.has_value()) << written.error().describe();
    EXPECT_GT(std::filesystem::file_size(png), 500U);
  }
}

const char* const kHook =
    "Why does a basketball bounce back up when nobody touches it? The floor is doing more than you think.";
const char* const kPairs =
    "Whenever one object pushes on another, the second object pushes back just as hard, in the opposite direction. "
    "You never find a single force on its own.";

Scene diagram() {
  Scene scene = scene_of(SceneKind::diagram, "Push and push back");
  scene.equations = {"\\vec{F}_{AB} = -\\vec{F}_{BA}"};
  scene.annotations = {arrow("Action: push down", "red", {0.45, 0.45}, {0.45, 0.75}),
                       arrow("Reaction: push up", "blue", {0.55, 0.75}, {0.55, 0.45}),
                       {AnnotationKind::highlight, "The floor", "gold", {0.3, 0.75}, {0.7, 0.85}},
                       {AnnotationKind::label, "Same size, opposite direction", "green", {0.8, 0.4}, {}}};
  return scene;
}

constexpr Subject kSubjects[] = {Subject::physics, Subject::math,       Subject::chemistry, Subject::biology,
                                 Subject::history, Subject::literature, Subject::other};

Storyboard subject_lesson(Subject subject) {
  return storyboard_of({scene_of(SceneKind::title, "Newton's Third Law on the Court", kHook),
                        scene_of(SceneKind::takeaways, "Key takeaways", {}, {"First of all", "Then this"})},
                       subject);
}

void expect_kinds(const std::string& name, const RenderOptions& options = {}) {
  Scene equation = scene_of(SceneKind::equation, "Three laws in symbols");
  equation.equations = {"F = m a", "\\vec{F}_{AB} = -\\vec{F}_{BA}", "E_k = \\frac{1}{2} m v^2"};
  Scene comparison = scene_of(SceneKind::comparison, "Mass vs. weight", {},
                              {"How much matter there is", "Measured in kilograms", "The same everywhere",
                               "The pull of gravity on it", "Measured in newtons", "Smaller on the Moon"});
  Scene image = scene_of(SceneKind::image, "");
  image.image = "missing.png";
  image.text_overlay = "They never cancel";
  Scene bullets = scene_of(SceneKind::bullets, "What Newton's third law says", {},
                           {"Equal in strength", "Opposite in direction", "On different objects"});
  Scene takeaways = scene_of(SceneKind::takeaways, "Key takeaways", {},
                             {"Every force has an equal and opposite partner", "The partners act on different objects",
                              "Pushing down is how you go up"});
  speak_bullets(takeaways);
  expect_stills(name,
                storyboard_of({scene_of(SceneKind::title, "Newton's Third Law on the Court", kHook),
                               scene_of(SceneKind::text, "Forces come in pairs", kPairs), bullets, diagram(),
                               comparison, image, equation, takeaways}),
                options);
}

TEST(Gallery, ShowsEveryKindOfScene) { expect_kinds("kinds"); }

TEST(Gallery, ShowsEverySubject) {
  for (const Subject subject : kSubjects) {
    expect_stills("subject" + std::to_string(static_cast<int>(subject)), subject_lesson(subject));
  }
}

TEST(Gallery, ShowsEveryScript) {
  Scene arabic =
      scene_of(SceneKind::bullets, "دورة الماء في الطبيعة", {}, {"التبخر (evaporation)", "التكاثف", "الهطول: H₂O"});
  Scene arabic_diagram = scene_of(SceneKind::diagram, "القوى تأتي أزواجا");
  arabic_diagram.annotations = {arrow("الفعل", "red", {0.3, 0.5}, {0.45, 0.5}),
                                arrow("رد الفعل", "blue", {0.7, 0.5}, {0.55, 0.5})};
  expect_stills(
      "arabic",
      storyboard_of(
          {scene_of(SceneKind::title, "دورة الماء في الطبيعة", "يتبخر الماء ثم يتكاثف ثم يهطل."), arabic,
           scene_of(SceneKind::takeaways, "أهم النقاط", {}, {"التبخر يحتاج إلى حرارة الشمس", "التكاثف يكوّن السحب"}),
           scene_of(SceneKind::comparison, "الجليد vs. البخار", {}, {"صلب", "بارد", "غاز", "حار"}), arabic_diagram,
           scene_of(SceneKind::text, "التبخر", "عندما تسخن الشمس مياه البحار تتحول إلى بخار يصعد في الهواء.")},
          Subject::chemistry, "ar"));
  expect_stills("hebrew", storyboard_of({scene_of(SceneKind::takeaways, "שלום עולם", {}, {"הכוח שווה", "כיוון הפוך"})},
                                        Subject::math, "he"));
  expect_stills("cjk",
                storyboard_of({scene_of(SceneKind::title, "牛顿第三定律", "作用力与反作用力大小相等、方向相反。"),
                               scene_of(SceneKind::bullets, "ニュートンの第三法則", {},
                                        {"大きさは等しい", "向きは反対", "別々の物体にはたらく"})},
                              Subject::history, "zh"));
  expect_stills("indic",
                storyboard_of({scene_of(SceneKind::text, "जल चक्र", "सूर्य की गर्मी से समुद्र का जल वाष्प बनकर ऊपर उठता है।"),
                               scene_of(SceneKind::bullets, "วัฏจักรของน้ำ", {},
                                        {"การระเหยเป็นไอ", "การควบแน่น", "หยาดน้ำฟ้า ที่ตกลงสู่พื้นดิน"}),
                               scene_of(SceneKind::bullets, "Emoji & marks 🌧️", {},
                                        {"Evaporation ☀️ → 💧 → ☁️", "Tiếng Việt: nước bốc hơi",
                                         "e\u0301 a\u0308 n\u0303 q\u0307\u0323"})},
                              Subject::biology, "hi"));
  expect_stills(
      "german",
      storyboard_of({scene_of(SceneKind::title,
                              "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"),
                     scene_of(SceneKind::bullets, "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz", {},
                              {"Kraftfahrzeughaftpflichtversicherungsgesellschaftsangestelltenverordnung", "Wärme"})},
                    Subject::literature, "de"));
}

// Pictures, colours and lengths that are hard to lay out.
void expect_hard_stills(const std::string& name, RenderOptions options = {}) {
  const char* wanted = std::getenv("VIVID_WRITE_STILLS");
  const test::TemporaryFolder temporary;
  const std::filesystem::path assets = std::filesystem::path(wanted != nullptr ? wanted : temporary.path()) / "assets";
  std::filesystem::create_directories(assets);
  Storyboard source = storyboard_of({scene_of(SceneKind::title, "A picture")}, Subject::biology);
  source.scenes[0].background = "#e8f0ff";
  auto drawn = Composer::create(source, narration_of(source), {});
  ASSERT_TRUE(drawn.has_value());
  ASSERT_TRUE((*drawn)->write_scene_still(0, assets / "picture.png").has_value());
  Scene image = scene_of(SceneKind::image, "They never cancel", "One force acts on you, the other one on the court.");
  image.image = std::filesystem::exists(assets / "photo.jpg") ? "asset:photo.jpg" : "asset:picture.png";
  image.motion = Motion::zoom_in;
  Scene behind = scene_of(SceneKind::bullets, "On a picture", {}, {"Dimmed until words can be read", "On any picture"});
  behind.background = image.image;
  Scene light = scene_of(SceneKind::takeaways, "A light background", {}, {"Dark words", "Cards in a darker tint"});
  light.background = "#f4efe6";
  Scene grey = scene_of(SceneKind::bullets, "A grey background", {}, {"Still readable", "Always"});
  grey.background = "#777777";
  std::string words;
  for (int i = 0; i < 60; ++i) words += "Sentence number " + std::to_string(i) + " tells a little more of the story. ";
  std::vector<std::string> many;
  for (int i = 0; i < 17; ++i) many.push_back("Point " + std::to_string(i + 1) + " is made here, in a line of its own");
  Scene equations = scene_of(SceneKind::equation, "More symbols");
  equations.equations = {"x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}",
                         "\\Delta E = \\int_0^{\\infty} \\vec{F} \\cdot d\\vec{x}",
                         "6CO_2 + 6H_2O \\rightarrow C_6H_{12}O_6 + 6O_2"};
  Scene crowded = scene_of(SceneKind::diagram, "A free body");
  for (int i = 0; i < 6; ++i) {
    crowded.annotations.push_back(arrow("Force number " + std::to_string(i + 1), i % 2 == 0 ? "orange" : "cyan",
                                        {0.5, 0.5}, {0.5 + 0.14 * (i % 3 - 1), i < 3 ? 0.25 : 0.75}));
  }
  crowded.annotations.push_back({AnnotationKind::highlight, "The body", "white", {0.46, 0.44}, {0.54, 0.56}});
  Scene drawn_on = diagram();
  drawn_on.background = image.image;
  options.asset_root = assets;
  options.watermark = "Made with Vivid · free plan";
  expect_stills(name,
                storyboard_of({image, behind, light, grey, scene_of(SceneKind::text, "A long story", words),
                               scene_of(SceneKind::bullets, "Many points", {}, many), equations, crowded, drawn_on}),
                options);
}

TEST(Gallery, ShowsPicturesColoursAndMuchText) { expect_hard_stills("more"); }

RenderOptions preferring(bool high_contrast, double font_scale) {
  RenderOptions options;
  options.high_contrast = high_contrast;
  options.font_scale = font_scale;
  return options;
}

TEST(Gallery, ShowsHighContrast) {
  expect_kinds("kinds-high-contrast", preferring(true, 1.0));
  expect_hard_stills("more-high-contrast", preferring(true, 1.0));
  for (const Subject subject : kSubjects) {
    expect_stills("high-contrast" + std::to_string(static_cast<int>(subject)), subject_lesson(subject),
                  preferring(true, 1.0));
  }
}

TEST(Gallery, ShowsTextOfAnySize) {
  for (const double scale : {0.75, 1.5, 2.0}) {
    const std::string suffix = "-text-" + std::to_string(static_cast<int>(scale * 100));
    expect_kinds("kinds" + suffix, preferring(false, scale));
    expect_hard_stills("more" + suffix, preferring(scale == 2.0, scale));
  }
}

}  // namespace
}  // namespace vivid::render
