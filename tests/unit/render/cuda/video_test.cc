// Whole videos, composed on a device: every frame is the one that this machine composes by itself.
#include <gtest/gtest.h>

#include <thread>

#include "render/compose/composer.h"
#include "samples.h"
#include "tests/unit/render/cuda/studios.h"

namespace vivid::render {
namespace {

using testing::bytes_of;
using testing::device_studios;
using testing::scene_of;

RenderOptions small() {
  RenderOptions options;
  options.width_px = 426;
  options.height_px = 240;
  options.frames_per_second = 10;
  return options;
}

Storyboard lesson() {
  std::vector<Scene> scenes{scene_of(SceneKind::title, "A title")};
  scenes.front().planned_duration = std::chrono::milliseconds(800);
  for (const Transition transition :
       {Transition::crossfade, Transition::slide, Transition::wipe, Transition::dissolve, Transition::cut}) {
    Scene scene = scene_of(SceneKind::takeaways, "Points", {}, {"The first of them", "The second of them"});
    testing::speak_bullets(scene);
    scene.transition = transition;
    scenes.push_back(scene);
  }
  Scene arrows = scene_of(SceneKind::diagram, "Forces");
  arrows.annotations = {testing::arrow("Pushes up", "red", {0.3, 0.7}, {0.3, 0.2})};
  arrows.planned_duration = std::chrono::milliseconds(1'500);
  scenes.push_back(arrows);
  return testing::storyboard_of(std::move(scenes));
}

std::unique_ptr<Composer> compose(const RenderOptions& options, std::unique_ptr<Studio> studio) {
  const Storyboard storyboard = lesson();
  auto composer = Composer::create(storyboard, testing::narration_of(storyboard), options, std::move(studio));
  EXPECT_TRUE(composer.has_value()) << composer.error().describe();
  return std::move(*composer);
}

void expect_same_frames(Composer& one, Composer& other, std::int64_t first, const std::string& name) {
  ASSERT_EQ(one.frame_count(), other.frame_count());
  for (std::int64_t i = first; i < one.frame_count(); ++i) {
    const auto expected = one.frame(i);
    const auto got = other.frame(i);
    ASSERT_TRUE(expected.has_value() && got.has_value()) << name << ", frame " << i;
    ASSERT_EQ(bytes_of(got->picture), bytes_of(expected->picture)) << name << ", frame " << i;
    ASSERT_EQ(got->held, expected->held);
  }
}

TEST(CudaVideo, IsTheOneThatThisMachineComposes) {
  for (auto& [name, studio] : device_studios()) {
    const auto expected = compose(small(), nullptr);
    const auto composer = compose(small(), std::move(studio));
    expect_same_frames(*expected, *composer, 0, name);
  }
}

TEST(CudaVideo, IsTheSameWithCaptionsInThePicture) {
  RenderOptions options = small();
  options.captions = CaptionMode::burnt_in;
  for (auto& [name, studio] : device_studios()) {
    expect_same_frames(*compose(options, nullptr), *compose(options, std::move(studio)), 0, name);
  }
}

// Spans that were encoded of the one are not taken for the other.
TEST(CudaVideo, HasADigestOfItsOwn) {
  const auto memory = compose(small(), nullptr);
  const auto digest = memory->digest(0, 5);
  ASSERT_TRUE(digest.has_value());
  EXPECT_EQ(*memory->fork()->digest(0, 5), *digest);
  for (auto& [name, studio] : device_studios()) {
    const auto drawn = compose(small(), std::move(studio))->digest(0, 5);
    ASSERT_TRUE(drawn.has_value()) << name;
    EXPECT_NE(*drawn, *digest) << name;
  }
}

TEST(CudaVideo, IsReadByManyThreadsAtOnce) {
  for (auto& [name, studio] : device_studios()) {
    const auto composer = compose(small(), std::move(studio));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t, who = name, reader = std::shared_ptr<Composer>(composer->fork())] {
        const auto expected = compose(small(), nullptr);
        expect_same_frames(*expected, *reader, t * expected->frame_count() / 5, who);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace vivid::render
