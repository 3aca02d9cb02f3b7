// The samples of the repository, read whole.
#include <gtest/gtest.h>

#include "base/files.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {
namespace {

Storyboard read_sample(const std::string& name) {
  const auto text = read_file(std::string(VIVID_SOURCE_DIR) + "/samples/" + name, kMaxInputBytes);
  EXPECT_TRUE(text.has_value());
  const auto board = parse_storyboard(*text);
  EXPECT_TRUE(board.has_value()) << board.error().message;
  return board.value_or(Storyboard{});
}

TEST(Samples, ScriptBecomesTitleSectionsAndTakeaways) {
  const Storyboard board = read_sample("script-newton-basketball.json");
  EXPECT_EQ(board.title, "Newton's Third Law on the Court");
  EXPECT_EQ(board.subject, Subject::physics);
  EXPECT_EQ(board.interest, "basketball");
  EXPECT_TRUE(board.warnings.empty());
  ASSERT_EQ(board.scenes.size(), 5U);
  EXPECT_EQ(board.scenes[0].kind, SceneKind::title);
  EXPECT_EQ(board.scenes[0].narration.size(), 2U);
  EXPECT_EQ(board.scenes[0].narration.back().pause_after.count(), 800);
  const Scene& jump = board.scenes[2];
  EXPECT_EQ(jump.number, 3);
  EXPECT_EQ(jump.title, "The jump shot");
  EXPECT_EQ(jump.kind, SceneKind::bullets);
  ASSERT_EQ(jump.bullets.size(), 3U);
  ASSERT_EQ(jump.narration.size(), 4U);
  EXPECT_EQ(jump.narration[0].text, "The jump shot");
  EXPECT_EQ(jump.narration[0].pause_after.count(), 500);
  EXPECT_EQ(jump.narration[0].bullet, -1);
  EXPECT_EQ(jump.narration[3].bullet, 2);
  EXPECT_EQ(jump.narration[3].pause_after.count(), 700);
  EXPECT_EQ(jump.planned_duration.count(), 30'000);
  EXPECT_EQ(jump.visual_description, "player pushing on the floor; floor pushing on the player");
  const Scene& last = board.scenes[4];
  EXPECT_EQ(last.kind, SceneKind::takeaways);
  EXPECT_EQ(last.title, "Key takeaways");
  EXPECT_EQ(last.narration[0].text, "Let's review the key points.");
  EXPECT_EQ(last.narration[1].bullet, 0);
  EXPECT_EQ(last.narration[1].pause_after.count(), 500);
}

TEST(Samples, SpanishScriptIsReviewedInSpanish) {
  const Storyboard board = read_sample("script-respiracion-es.json");
  EXPECT_EQ(board.language, "es");
  EXPECT_EQ(board.subject, Subject::biology);
  EXPECT_EQ(board.scenes.back().title, "Puntos clave");
  EXPECT_EQ(board.scenes.back().narration[0].text, "Repasemos los puntos clave.");
  EXPECT_EQ(board.scenes[0].narration[0].text, "¿Por qué jadeas después de correr toda la banda?");
}

TEST(Samples, FencedScriptIsFound) {
  const Storyboard board = read_sample("script-fenced-by-the-model.txt");
  EXPECT_EQ(board.subject, Subject::math);
  ASSERT_EQ(board.scenes.size(), 3U);
  EXPECT_EQ(board.scenes[1].kind, SceneKind::text);
  EXPECT_EQ(board.scenes[1].body, board.scenes[1].narration[1].text);
}

TEST(Samples, StoryboardKeepsItsScenes) {
  const Storyboard board = read_sample("storyboard-newton-full.json");
  ASSERT_EQ(board.scenes.size(), 4U);
  EXPECT_EQ(board.scenes[0].kind, SceneKind::title);
  EXPECT_EQ(board.scenes[0].title, "Newton's Third Law: action and reaction");
  EXPECT_EQ(board.scenes[0].background, "#1a1a2e");
  const Scene& diagram = board.scenes[1];
  EXPECT_EQ(diagram.kind, SceneKind::diagram);
  EXPECT_EQ(diagram.background, "");
  EXPECT_EQ(diagram.equations, (std::vector<std::string>{"\\vec{F}_{AB} = -\\vec{F}_{BA}"}));
  ASSERT_EQ(diagram.annotations.size(), 2U);
  EXPECT_EQ(diagram.annotations[1].kind, AnnotationKind::arrow);
  EXPECT_EQ(diagram.annotations[1].color, "blue");
  EXPECT_DOUBLE_EQ(diagram.annotations[1].from.y, 0.75);
  EXPECT_EQ(board.scenes[2].transition, Transition::slide);
  EXPECT_EQ(board.scenes[3].kind, SceneKind::image);
  EXPECT_EQ(board.scenes[3].image, "asset:court.png");
  EXPECT_EQ(board.scenes[3].motion, Motion::zoom_in);
  EXPECT_EQ(board.key_points.size(), 4U);
  ASSERT_EQ(board.warnings.size(), 1U);
  EXPECT_EQ(board.warnings[0].substr(0, 36), "/scenes/1/background: \"basketball_co");
}

TEST(Samples, ArabicStoryboardIsReadAsItStands) {
  const Storyboard board = read_sample("storyboard-arabic-rtl.json");
  EXPECT_EQ(board.language, "ar");
  EXPECT_EQ(board.subject, Subject::chemistry);
  ASSERT_EQ(board.scenes.size(), 2U);
  EXPECT_EQ(board.scenes[0].title, "دورة الماء في الطبيعة");
  EXPECT_EQ(board.scenes[1].bullets[2], "الهطول: H₂O");
  EXPECT_EQ(board.scenes[1].narration[0].bullet, -1);
}

TEST(Samples, TextForReadingHasTheWholeLesson) {
  EXPECT_EQ(
      to_markdown(read_sample("script-photosynthesis-text-only.json")),
      "# Photosynthesis for Cooks\n\n"
      "A leaf is a kitchen that runs on light.\n\n"
      "## The recipe\n\n"
      "Carbon dioxide, water and light go in; sugar and oxygen come out: 6 CO₂ + 6 H₂O → C₆H₁₂O₆ + 6 O₂.\n\n"
      "## The two rooms\n\n"
      "In the thylakoid membranes light is caught and stored as ATP and NADPH. In the stroma that energy is spent "
      "to build sugar from carbon dioxide.\n\n"
      "## Key takeaways\n\n"
      "- Light energy becomes chemical energy\n"
      "- Oxygen is a by-product\n"
      "- Sugar is built in the Calvin cycle\n");
}

}  // namespace
}  // namespace vivid::render
