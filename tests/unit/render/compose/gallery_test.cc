// Every look in one place. With VIVID_WRITE_STILLS=DIR each scene's still is written there, to be looked at.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "render/compose/composer.h"
#include "samples.h"

namespace vivid::render {
namespace {

using testing::arrow;
using testing::narration_of;
using testing::scene_of;
using testing::speak_bullets;
using testing::storyboard_of;

std::filesystem::path stills_folder(const std::string& name) {
  const char* wanted = std::getenv("VIVID_WRITE_STILLS");
  const std::filesystem::path folder =
      std::filesystem::path(wanted != nullptr ? wanted : ::testing::TempDir() + "vivid-stills") / name;
  std::filesystem::create_directories(folder);
  return folder;
}

void expect_stills(const std::string& name, const Storyboard& storyboard, RenderOptions options = {}) {
  if (std::getenv("VIVID_WRITE_STILLS") == nullptr) {
    options.width_px = 640;
    options.height_px = 360;
  }
  auto composer = Composer::create(storyboard, narration_of(storyboard), options);
  ASSERT_TRUE(composer.has_value()) << composer.error().describe();
  const auto folder = stills_folder(name);
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

TEST(Gallery, ShowsEveryKindOfScene) {
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
  expect_stills("kinds", storyboard_of({scene_of(SceneKind::title, "Newton's Third Law on the Court", kHook),
                                        scene_of(SceneKind::text, "Forces come in pairs", kPairs), bullets, diagram(),
                                        comparison, image, equation, takeaways}));
}

TEST(Gallery, ShowsEverySubject) {
  for (const Subject subject : {Subject::physics, Subject::math, Subject::chemistry, Subject::biology, Subject::history,
                                Subject::literature, Subject::other}) {
    expect_stills("subject" + std::to_string(static_cast<int>(subject)),
                  storyboard_of({scene_of(SceneKind::title, "Newton's Third Law on the Court", kHook),
                                 scene_of(SceneKind::takeaways, "Key takeaways", {}, {"First of all", "Then this"})},
                                subject));
  }
}

}  // namespace
}  // namespace vivid::render
