#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "render/compose/composer.h"
#include "render/compose/pixels.h"
#include "render/layout/image_asset.h"
#include "samples.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

using testing::narration_of;
using testing::scene_of;
using testing::storyboard_of;

RenderOptions small() {
  RenderOptions options;
  options.width_px = 320;
  options.height_px = 180;
  return options;
}

Scene still_scene(const std::string& title, int milliseconds) {
  Scene scene = scene_of(SceneKind::text, title, "What is said about it.");
  scene.planned_duration = std::chrono::milliseconds(milliseconds);
  return scene;
}

std::unique_ptr<Composer> compose(const std::vector<Scene>& scenes, const RenderOptions& options = small()) {
  const Storyboard storyboard = storyboard_of(scenes);
  auto composer = Composer::create(storyboard, narration_of(storyboard), options);
  EXPECT_TRUE(composer.has_value()) << composer.error().describe();
  return std::move(*composer);
}

std::string digest(Composer& composer, std::int64_t first, std::int64_t end) {
  const auto digest = composer.digest(first, end);
  EXPECT_TRUE(digest.has_value()) << digest.error().describe();
  return digest.value_or("none");
}

std::vector<std::uint8_t> picture(Composer& composer, std::int64_t index) {
  const auto frame = composer.frame(index);
  EXPECT_TRUE(frame.has_value());
  std::vector<std::uint8_t> bytes;
  for (int plane = 0; plane < 3; ++plane) {
    const int shift = plane == 0 ? 0 : 1;
    for (int y = 0; y < frame->picture.height_px >> shift; ++y) {
      const std::uint8_t* row =
          frame->picture.planes[plane] + static_cast<std::ptrdiff_t>(y) * frame->picture.strides_bytes[plane];
      bytes.insert(bytes.end(), row, row + (frame->picture.width_px >> shift));
    }
  }
  return bytes;
}

// Frames at 30 a second: scenes of a second each, half of which is the way into them.
constexpr std::int64_t kScene = 30;

TEST(FrameDigest, IsTheSameWhereverTheSameFramesAre) {
  const Scene a = still_scene("One", 1'000);
  const Scene b = still_scene("Another", 1'000);
  const auto early = compose({a, b, a});
  const auto late = compose({b, still_scene("Long", 3'000), a, b});
  // From the last scene but one on, its own stillness and the way out of it.
  EXPECT_EQ(digest(*early, 20, 58), digest(*late, 20 + 4 * kScene, 58 + 4 * kScene));
  EXPECT_NE(digest(*early, 20, 58), digest(*late, 20 + 4 * kScene, 59 + 4 * kScene));
  EXPECT_NE(digest(*early, 20, 58), digest(*late, 21 + 4 * kScene, 59 + 4 * kScene));
}

TEST(FrameDigest, DiffersWhereFramesDo) {
  const Scene other = still_scene("Another", 1'000);
  const auto one = compose({other, still_scene("One", 1'000), other});
  const auto changed = compose({other, still_scene("Ona", 1'000), other});
  EXPECT_EQ(digest(*one, 0, 30), digest(*changed, 0, 30));    // before anything of it is seen
  EXPECT_NE(digest(*one, 0, 31), digest(*changed, 0, 31));    // its first step into the picture
  EXPECT_NE(digest(*one, 50, 55), digest(*changed, 50, 55));  // alone
  EXPECT_NE(digest(*one, 60, 70), digest(*changed, 60, 70));  // on its way out
  EXPECT_EQ(digest(*one, 75, 90), digest(*changed, 75, 90));  // gone
}

TEST(FrameDigest, DiffersWithTheWayFromOneSceneToTheNext) {
  std::vector<std::string> digests;
  for (const Transition transition :
       {Transition::crossfade, Transition::slide, Transition::cut, Transition::wipe, Transition::dissolve}) {
    Scene second = still_scene("Another", 1'000);
    second.transition = transition;
    digests.push_back(digest(*compose({still_scene("One", 1'000), second}), 29, 50));
  }
  for (std::size_t i = 0; i < digests.size(); ++i) {
    for (std::size_t j = i + 1; j < digests.size(); ++j) EXPECT_NE(digests[i], digests[j]) << i << ' ' << j;
  }
}

TEST(FrameDigest, IsOfThePixelsOfAPictureNotOfItsName) {
  const test::TemporaryFolder folder;
  const auto png = folder / "picture.png";
  const auto draw = [&png](double red) {
    const auto surface = make_surface(320, 180);
    Theme theme = theme_for(Subject::physics, Contrast::usual);
    theme.background = {red, 0.2, 0.3, 1.0};
    paint_veil(surface->get(), theme, 1.0);
    ASSERT_TRUE(write_png(surface->get(), png).has_value());
  };
  RenderOptions options = small();
  options.asset_root = png.parent_path();
  Scene scene = still_scene("One", 1'000);
  scene.kind = SceneKind::image;
  scene.image = "picture.png";
  for (const Motion motion : {Motion::none, Motion::zoom_in}) {
    scene.motion = motion;
    draw(0.1);
    const std::string first = digest(*compose({scene}, options), 0, 30);
    EXPECT_EQ(digest(*compose({scene}, options), 0, 30), first);
    draw(0.9);
    EXPECT_NE(digest(*compose({scene}, options), 0, 30), first);
  }
}

TEST(FrameDigest, FollowsACameraAndWhatIsDrawnByHand) {
  Scene diagram = still_scene("One", 3'000);
  diagram.kind = SceneKind::diagram;
  diagram.annotations = {testing::arrow("Here", "red", {0.3, 0.3}, {0.6, 0.6})};
  const auto composer = compose({diagram});
  // Two steps of the drawing, of one frame each.
  EXPECT_NE(digest(*composer, 5, 6), digest(*composer, 8, 9));
  EXPECT_EQ(digest(*composer, 5, 6), digest(*composer->fork(), 5, 6));
}

TEST(FrameDigest, SaysBeforeDrawingWhatFramesAre) {
  const auto composer = compose({still_scene("One", 1'000), still_scene("Another", 1'000)});
  for (std::int64_t i = 0; i < composer->frame_count(); ++i) {
    const auto frame = composer->frame(i);
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(composer->mark(i).held, frame->held) << i;
    EXPECT_EQ(composer->mark(i).passing, frame->passing) << i;
  }
}

TEST(FrameDigest, ReadersOnOtherThreadsSeeTheSameFrames) {
  const auto composer = compose({still_scene("One", 1'000), still_scene("Another", 1'000), still_scene("Last", 1'000)});
  std::vector<std::vector<std::uint8_t>> expected;
  for (std::int64_t i = 0; i < composer->frame_count(); ++i) expected.push_back(picture(*composer, i));
  std::vector<std::int64_t> wrong(3, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t, reader = std::shared_ptr<Composer>(composer->fork())] {
      const auto first = static_cast<std::int64_t>(t) * kScene;
      for (std::int64_t i = first; i < first + kScene; ++i) {
        if (picture(*reader, i) != expected[static_cast<std::size_t>(i)]) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<std::int64_t>(3, 0));
}

}  // namespace
}  // namespace vivid::render
