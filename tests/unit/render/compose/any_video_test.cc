// What must hold of every video, tried on ones that are made up.

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <random>

#include "render/compose/composer.h"
#include "render/compose/pixels.h"
#include "samples.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

using testing::narration_of;
using testing::scene_of;
using testing::storyboard_of;

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int roll(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  template <typename T, std::size_t N>
  T any(const T (&choices)[N]) {
    return choices[roll(0, static_cast<int>(N) - 1)];
  }

 private:
  std::mt19937 random_;
};

std::string sentence(Dice& dice) {
  constexpr const char* kWords[] = {"force", "pushes", "the", "floor", "up", "ball", "energy", "of", "water"};
  std::string text = "The";
  for (int i = dice.roll(2, 7); i > 0; --i) text += std::string(" ") + dice.any(kWords);
  return text + ".";
}

Scene any_scene(Dice& dice) {
  constexpr SceneKind kKinds[] = {SceneKind::title,   SceneKind::takeaways, SceneKind::text,
                                  SceneKind::diagram, SceneKind::image,     SceneKind::image};
  constexpr Transition kTransitions[] = {Transition::cut, Transition::crossfade, Transition::slide, Transition::wipe,
                                         Transition::dissolve};
  constexpr Motion kMotions[] = {Motion::none, Motion::zoom_in, Motion::zoom_out, Motion::pan_left, Motion::pan_right};
  Scene scene = scene_of(dice.any(kKinds), sentence(dice));
  scene.transition = dice.any(kTransitions);
  scene.planned_duration = std::chrono::milliseconds(dice.roll(20, 1'500));
  if (scene.kind == SceneKind::takeaways) scene.bullets = {sentence(dice), sentence(dice)};
  if (scene.kind == SceneKind::text) {
    for (int i = dice.roll(1, 60); i > 0; --i) scene.body += sentence(dice) + " ";
  }
  if (scene.kind == SceneKind::image) {
    scene.image = "asset:picture.png";
    scene.motion = dice.any(kMotions);
  }
  if (scene.kind == SceneKind::diagram) {
    scene.annotations = {testing::arrow("Pushes up", "red", {0.3, 0.7}, {0.3, 0.2}),
                         {AnnotationKind::highlight, "The floor", "gold", {0.5, 0.5}, {0.8, 0.8}}};
  }
  if (dice.roll(0, 1) == 1) {
    for (std::size_t i = 0; i < scene.bullets.size(); ++i) {
      scene.narration.push_back({scene.bullets[i], std::chrono::milliseconds(300), static_cast<int>(i)});
    }
    if (scene.bullets.empty()) scene.narration = {{sentence(dice), std::chrono::milliseconds(200), -1}};
  }
  return scene;
}

struct Made {
  Storyboard storyboard;
  RenderOptions options;

  std::unique_ptr<Composer> composer() const {
    auto composer = Composer::create(storyboard, narration_of(storyboard), options);
    EXPECT_TRUE(composer.has_value()) << composer.error().describe();
    return std::move(*composer);
  }
};

Made any_video(unsigned seed, const std::filesystem::path& assets) {
  Dice dice(seed);
  Made made;
  std::vector<Scene> scenes;
  for (int i = dice.roll(2, 4); i > 0; --i) scenes.push_back(any_scene(dice));
  made.storyboard = storyboard_of(std::move(scenes), Subject::physics, dice.roll(0, 3) == 0 ? "ar" : "en");
  made.options.width_px = 2 * dice.roll(32, 140);
  made.options.height_px = 2 * dice.roll(32, 100);
  made.options.frames_per_second = dice.roll(8, 30);
  made.options.asset_root = assets;
  made.options.watermark = dice.roll(0, 1) == 1 ? "Free plan" : "";
  return made;
}

YuvFrame frame_of(const YuvView& view) {
  YuvFrame frame(view.width_px, view.height_px);
  for (int plane = 0; plane < 3; ++plane) {
    std::memcpy(
        frame.row(plane, 0), view.planes[plane],
        static_cast<std::size_t>(frame.plane_width(plane)) * static_cast<std::size_t>(frame.plane_height(plane)));
  }
  return frame;
}

class AnyVideo : public ::testing::TestWithParam<unsigned> {
 protected:
  AnyVideo() {
    Made source{storyboard_of({scene_of(SceneKind::title, "A picture")}, Subject::biology), {}};
    source.options.width_px = 300;
    source.options.height_px = 202;
    EXPECT_TRUE(source.composer()->write_scene_still(0, folder_ / "picture.png").has_value());
  }
  const test::TemporaryFolder folder_;
  const std::filesystem::path& assets_ = folder_.path();
};

TEST_P(AnyVideo, SaysWhereItsFramesDiffer) {
  const auto composer = any_video(GetParam(), assets_).composer();
  YuvFrame before;
  for (std::int64_t i = 0; i < composer->frame_count(); ++i) {
    const auto frame = composer->frame(i);
    ASSERT_TRUE(frame.has_value()) << frame.error().describe();
    YuvFrame now = frame_of(frame->picture);
    ASSERT_EQ(frame->held, i > 0 && frame->damage.empty()) << "frame " << i;
    if (i > 0) {
      for (const PixelRect& rect : frame->damage.rects()) copy_rect(now, rect, before);
      ASSERT_EQ(before.bytes(), now.bytes()) << "frame " << i;
    }
    before = std::move(now);
  }
}

TEST_P(AnyVideo, GivesEveryFrameFromAnywhere) {
  const Made made = any_video(GetParam(), assets_);
  const auto composer = made.composer();
  const auto jumping = made.composer();
  std::vector<std::vector<std::uint8_t>> frames;
  for (std::int64_t i = 0; i < composer->frame_count(); ++i) {
    frames.push_back(frame_of(composer->frame(i)->picture).bytes());
  }
  Dice dice(GetParam());
  for (int i = 0; i < 12; ++i) {
    const int at = dice.roll(0, static_cast<int>(frames.size()) - 1);
    const auto frame = jumping->frame(at);
    ASSERT_TRUE(frame.has_value());
    ASSERT_EQ(frame_of(frame->picture).bytes(), frames[static_cast<std::size_t>(at)]) << "frame " << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnyVideo, ::testing::Range(0U, 24U));

}  // namespace
}  // namespace vivid::render
