#include <gtest/gtest.h>

#include "render/compose/timeline.h"
#include "samples.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::narration_of;
using testing::scene_of;
using testing::speak_bullets;
using testing::storyboard_of;

constexpr FrameRate kThirty{30, 1};
constexpr FrameRate kNtsc{30'000, 1'001};

// A page with a layer for each of its steps, at another place each.
StagePage page_of(std::vector<Step> steps, const std::string& name = "page") {
  StagePage page{std::move(steps), "base", {}};
  for (int i = 0; i < static_cast<int>(page.steps.size()); ++i) {
    page.layers.push_back({{20, 20 + 40 * i, 200, 30}, i, -1, false, name + std::to_string(i)});
  }
  return page;
}

StageScene scene_with(std::vector<StagePage> pages) {
  StageScene scene;
  scene.pages = std::move(pages);
  return scene;
}

void expect_gapless(const std::vector<Shot>& shots, std::int64_t total) {
  std::int64_t next = 0;
  for (const Shot& shot : shots) {
    EXPECT_EQ(shot.first, next);
    EXPECT_GT(shot.count, 0);
    EXPECT_LT(shot.blend_frames, shot.count);
    next = shot.end();
  }
  EXPECT_EQ(next, total);
}

// The first frame in which something of the layer is seen.
std::int64_t appears_at(const Shot& shot, std::size_t layer) {
  for (std::int64_t frame = shot.first; frame < shot.end(); ++frame) {
    if (shot.layers[layer].at(frame).shown()) return frame;
  }
  return -1;
}

TEST(Shots, KeepSceneAndSoundTogetherOverAnHour) {
  std::vector<Scene> scenes;
  std::vector<StageScene> stage;
  for (int i = 0; i < 400; ++i) {
    scenes.push_back(scene_of(SceneKind::text, "T"));
    scenes.back().planned_duration = milliseconds(9'007);
    stage.push_back(scene_with({page_of({{}})}));
  }
  const Storyboard storyboard = storyboard_of(scenes);
  const Narration narration = narration_of(storyboard);
  for (const FrameRate rate : {kThirty, kNtsc}) {
    const auto shots = make_shots(storyboard, stage, narration, rate);
    ASSERT_EQ(shots.size(), 400U);
    expect_gapless(shots, frames_covering(narration.duration(), rate));
    for (const Shot& shot : shots) {
      const auto start = narration.scenes[static_cast<std::size_t>(shot.scene)].start;
      ASSERT_LE(std::abs((time_of_frame(shot.first, rate) - start).count()), 16'684);
    }
  }
}

TEST(Shots, FollowTheScenesOfTheNarration) {
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::title, "A"), scene_of(SceneKind::text, "B")});
  storyboard.scenes[0].planned_duration = milliseconds(1'500);
  storyboard.scenes[1].planned_duration = milliseconds(2'017);
  storyboard.scenes[1].transition = Transition::slide;
  const std::vector<StageScene> stage{scene_with({page_of({{}})}), scene_with({page_of({{}})})};
  const auto shots = make_shots(storyboard, stage, narration_of(storyboard), kThirty);
  ASSERT_EQ(shots.size(), 2U);
  expect_gapless(shots, 106);
  EXPECT_EQ(shots[1].first, 45);
  EXPECT_EQ(shots[0].blend, Blend::none);
  EXPECT_EQ(shots[1].blend, Blend::slide);
  EXPECT_EQ(shots[1].blend_frames, 15);
}

TEST(Shots, ShowABulletWhenItIsSpoken) {
  Scene scene =
      scene_of(SceneKind::takeaways, "Three points are made", {}, {"The first of them", "The second of them"});
  speak_bullets(scene);
  const Storyboard storyboard = storyboard_of({scene});
  const Narration narration = narration_of(storyboard);
  const auto shots =
      make_shots(storyboard, {scene_with({page_of({{-1, 0, 1}, {0, 0, 1}, {1, 0, 1}})})}, narration, kThirty);
  ASSERT_EQ(shots.size(), 1U);
  EXPECT_EQ(appears_at(shots[0], 0), 0);
  for (const std::size_t bullet : {0U, 1U}) {
    const std::int64_t said = frame_at(narration.utterances[bullet + 1].start, kThirty);
    EXPECT_EQ(appears_at(shots[0], bullet + 1), said);
    EXPECT_LT(shots[0].layers[bullet + 1].at(said + 8).opacity, shots[0].layers[bullet + 1].at(said + 9).opacity);
    EXPECT_EQ(shots[0].layers[bullet + 1].at(said + 9), shots[0].layers[0].at(said));
  }
}

// Rows that rise and rest, as lists have them.
StageScene list_scene(int bullets) {
  std::vector<Step> steps{{-1, 0, 1}};
  for (int i = 0; i < bullets; ++i) steps.push_back({i, 0, 1});
  StageScene scene = scene_with({page_of(std::move(steps))});
  scene.resting_opacity = 0.6;
  for (StageLayer& layer : scene.pages[0].layers) {
    layer.entrance = Entrance::rise;
    layer.rise_px = 12;
    layer.rests = layer.step > 0;
  }
  return scene;
}

TEST(Shots, LetPointsStepBackForTheNextOneAndComeForwardAtTheEnd) {
  Scene scene = scene_of(SceneKind::takeaways, "Points", {}, {"The first of them", "The second of them"});
  speak_bullets(scene);
  scene.narration.push_back({"Think about both of them for a while.", milliseconds(500), -1});
  const Storyboard storyboard = storyboard_of({scene});
  const Narration narration = narration_of(storyboard);
  const auto shots = make_shots(storyboard, {list_scene(2)}, narration, kThirty);
  const std::int64_t second = frame_at(narration.utterances[2].start, kThirty);
  const std::int64_t done = frame_at(narration.utterances[2].end, kThirty);
  const TimedLayer& first = shots[0].layers[1];
  const int whole = shots[0].layers[0].at(0).opacity;
  EXPECT_EQ(first.at(second - 1).opacity, whole);
  EXPECT_NEAR(first.at(second + 10).opacity, 0.6 * whole, 1.0);
  EXPECT_EQ(shots[0].layers[2].at(second + 10).opacity, whole);
  EXPECT_EQ(shots[0].layers[0].at(second + 10).opacity, whole) << "the heading stays";
  EXPECT_EQ(first.at(done + 10).opacity, whole);
}

TEST(Shots, StartWithACompletePictureAndMoveWhatComesInLater) {
  const Storyboard storyboard = storyboard_of({scene_of(SceneKind::text, "A"), scene_of(SceneKind::text, "B")});
  StageScene other = list_scene(0);
  other.pages[0].layers[0].identity = "another heading";
  const auto shots = make_shots(storyboard, {list_scene(0), other, other}, narration_of(storyboard), kThirty);
  ASSERT_EQ(shots.size(), 2U);
  EXPECT_FALSE(shots[0].layers[0].changes_within(0, shots[0].end()));
  const std::int64_t enters = shots[1].first;
  EXPECT_GT(shots[1].layers[0].at(enters).y, 0);
  EXPECT_EQ(shots[1].layers[0].at(enters + shots[1].blend_frames).y, 0) << "no frame of its own";
}

TEST(Shots, LetWhatFollowsATitleComeAfterIt) {
  StageScene title = list_scene(1);
  title.pages[0].layers[1].entrance = Entrance::follow;
  title.pages[0].layers[1].step = 0;
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::title, "A")});
  const auto shots = make_shots(storyboard, {title}, narration_of(storyboard), kThirty);
  EXPECT_EQ(appears_at(shots[0], 0), 0);
  EXPECT_EQ(appears_at(shots[0], 1), 18);
  // Where there is no time to read it then, it is there at once.
  storyboard.scenes[0].planned_duration = milliseconds(1'500);
  EXPECT_EQ(appears_at(make_shots(storyboard, {title}, narration_of(storyboard), kThirty)[0], 1), 0);
}

TEST(Shots, LeaveAloneWhatTwoScenesShare) {
  const Storyboard storyboard = storyboard_of({scene_of(SceneKind::text, "A"), scene_of(SceneKind::text, "A")});
  const auto shots = make_shots(storyboard, {list_scene(0), list_scene(0)}, narration_of(storyboard), kThirty);
  ASSERT_EQ(shots.size(), 2U);
  EXPECT_FALSE(shots[1].layers[0].changes_within(shots[1].first - 1, shots[1].end()));
}

TEST(Shots, ShowAllBulletsAtOnceIfNoneIsSpoken) {
  const Storyboard storyboard = storyboard_of({scene_of(SceneKind::bullets, "T", {}, {"a", "b"})});
  const auto shots = make_shots(storyboard, {scene_with({page_of({{-1, 0, 1}, {0, 0, 1}, {1, 0, 1}})})},
                                narration_of(storyboard), kThirty);
  ASSERT_EQ(shots.size(), 1U);
  for (std::size_t layer = 0; layer < 3; ++layer) EXPECT_EQ(appears_at(shots[0], layer), 0);
}

TEST(Shots, TurnThePageAtTheWordItBeginsWith) {
  Scene scene = scene_of(SceneKind::text, "T", "One two three four five six seven eight nine ten eleven twelve");
  scene.narration = {{scene.body, milliseconds(0), -1}};
  const Storyboard storyboard = storyboard_of({scene});
  const Narration narration = narration_of(storyboard);
  const std::size_t offset = scene.body.find("seven");
  const auto shots =
      make_shots(storyboard, {scene_with({page_of({{-1, 0, 1}}), page_of({{-1, offset, 1}})})}, narration, kThirty);
  ASSERT_EQ(shots.size(), 2U);
  EXPECT_EQ(shots[1].first, frame_at(narration.utterances[0].words[6].start, kThirty));
  EXPECT_EQ(shots[1].blend_frames, 9);
}

TEST(Shots, ShareTheTimeByTextIfNobodySpeaksOfThePages) {
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::text, "T")});
  storyboard.scenes[0].planned_duration = milliseconds(10'000);
  const auto shots = make_shots(storyboard, {scene_with({page_of({{-1, 0, 3}}), page_of({{-1, 0, 1}})})},
                                narration_of(storyboard), kThirty);
  ASSERT_EQ(shots.size(), 2U);
  EXPECT_EQ(shots[1].first, 225);
}

TEST(Shots, ShortenTransitionsThatDoNotFit) {
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::text, "A"), scene_of(SceneKind::text, "B")});
  storyboard.scenes[1].planned_duration = milliseconds(100);
  const auto shots = make_shots(storyboard, {scene_with({page_of({{}})}), scene_with({page_of({{}})})},
                                narration_of(storyboard), kThirty);
  ASSERT_EQ(shots.size(), 2U);
  EXPECT_EQ(shots[1].count, 3);
  EXPECT_EQ(shots[1].blend_frames, 2);
}

// An arrow and its label for each annotation.
StageScene annotated_scene(int annotations) {
  StageScene scene = scene_with({page_of({{}})});
  for (int i = 0; i < annotations; ++i) {
    const std::string name = "annotation" + std::to_string(i);
    scene.pages[0].layers.push_back({{300, 20 + 40 * i, 100, 30}, 0, i, true, name});
    scene.pages[0].layers.push_back({{420, 20 + 40 * i, 100, 30}, 0, i, false, name + " label"});
  }
  return scene;
}

Storyboard diagram_with(std::vector<std::string> labels, const std::string& said) {
  Scene scene = scene_of(SceneKind::diagram, "T");
  for (std::string& label : labels) {
    scene.annotations.push_back(testing::arrow(std::move(label), "red", {0.2, 0.2}, {0.4, 0.4}));
  }
  scene.narration = {{said, milliseconds(2'000), -1}};
  return storyboard_of({scene});
}

TEST(Shots, DrawAnArrowWhenItsLabelIsSpoken) {
  const std::string said = "See how you push down on the floor, and the floor pushes up on you with equal force.";
  const Storyboard storyboard = diagram_with({"Action: push down", "Reaction: push up"}, said);
  const Narration narration = narration_of(storyboard);
  const auto shots = make_shots(storyboard, {annotated_scene(2)}, narration, kThirty);
  const auto word_at = [&](std::size_t offset) {
    return frame_at(narration.utterances[0].start + milliseconds(60 * offset), kThirty);
  };
  for (const std::size_t layer : {1U, 2U}) EXPECT_EQ(appears_at(shots[0], layer), word_at(said.find("push ")));
  for (const std::size_t layer : {3U, 4U}) EXPECT_EQ(appears_at(shots[0], layer), word_at(said.find("pushes")));
}

TEST(Shots, DrawArrowsOneAfterTheOtherIfNobodyNamesThem) {
  const Storyboard storyboard =
      diagram_with({"Gravity", "Friction"}, "Nothing of this is spoken of in the voice here.");
  const auto shots = make_shots(storyboard, {annotated_scene(2)}, narration_of(storyboard), kThirty);
  EXPECT_EQ(appears_at(shots[0], 1), 0);
  EXPECT_EQ(appears_at(shots[0], 3), 12);
  EXPECT_LT(shots[0].layers[1].at(5).drawn, kDrawnWhole);
  EXPECT_EQ(shots[0].layers[1].at(18).drawn, kDrawnWhole);
}

TEST(Shots, ShowArrowsFromTheStartIfThereIsNoTimeToDrawThem) {
  Storyboard storyboard = diagram_with({"Gravity"}, "Oh");
  storyboard.scenes[0].narration[0].pause_after = milliseconds(0);
  const auto shots = make_shots(storyboard, {annotated_scene(1)}, narration_of(storyboard), kThirty);
  EXPECT_EQ(shots[0].layers[1].at(0).drawn, kDrawnWhole);
}

TEST(Shots, MoveTheCameraUntilTheNextSceneHasComeIn) {
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::image, "A"), scene_of(SceneKind::text, "B")});
  storyboard.scenes[0].motion = Motion::zoom_in;
  StageScene moving = scene_with({page_of({{}})});
  moving.moves = true;
  const auto shots = make_shots(storyboard, {moving, scene_with({page_of({{}})})}, narration_of(storyboard), kThirty);
  ASSERT_TRUE(shots[0].camera.has_value());
  EXPECT_EQ(shots[0].camera->at(0).zoom, 1.0);
  EXPECT_LT(shots[0].camera->at(shots[0].end()).zoom, shots[0].camera->at(shots[0].end() + 14).zoom);
  EXPECT_EQ(shots[0].camera->at(shots[0].end() + 14).zoom, kCameraRoom);
}

}  // namespace
}  // namespace vivid::render
