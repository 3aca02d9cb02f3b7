#include "render/compose/composer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "render/compose/pixels.h"
#include "render/layout/image_asset.h"
#include "samples.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

using testing::narration_of;
using testing::scene_of;
using testing::speak_bullets;
using testing::storyboard_of;

RenderOptions small() {
  RenderOptions options;
  options.width_px = 320;
  options.height_px = 180;
  return options;
}

std::vector<std::uint8_t> bytes_of(const YuvView& view) {
  std::vector<std::uint8_t> bytes;
  for (int plane = 0; plane < 3; ++plane) {
    const int width = plane == 0 ? view.width_px : view.width_px / 2;
    const int height = plane == 0 ? view.height_px : view.height_px / 2;
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* row = view.planes[plane] + static_cast<std::ptrdiff_t>(y) * view.strides_bytes[plane];
      bytes.insert(bytes.end(), row, row + width);
    }
  }
  return bytes;
}

Storyboard two_scenes(Transition transition) {
  Scene bullets = scene_of(SceneKind::takeaways, "Points", {}, {"The first of them", "The second of them"});
  speak_bullets(bullets);
  bullets.transition = transition;
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::title, "A title"), bullets});
  storyboard.scenes[0].planned_duration = std::chrono::milliseconds(1'000);
  return storyboard;
}

std::unique_ptr<Composer> compose(const Storyboard& storyboard, const RenderOptions& options) {
  auto composer = Composer::create(storyboard, narration_of(storyboard), options);
  EXPECT_TRUE(composer.has_value()) << composer.error().describe();
  return std::move(*composer);
}

TEST(Composer, SaysHeldExactlyWhenThePictureIsThatOfTheFrameBefore) {
  for (const Transition transition :
       {Transition::crossfade, Transition::slide, Transition::cut, Transition::wipe, Transition::dissolve}) {
    const auto composer = compose(two_scenes(transition), small());
    std::vector<std::uint8_t> before;
    std::int64_t held = 0;
    std::int64_t missed = 0;
    for (std::int64_t i = 0; i < composer->frame_count(); ++i) {
      const auto frame = composer->frame(i);
      ASSERT_TRUE(frame.has_value());
      auto now = bytes_of(frame->picture);
      const bool same = now == before;
      if (frame->held) {
        EXPECT_TRUE(same) << "frame " << i;
      } else if (same) {
        ++missed;
      }
      held += frame->held ? 1 : 0;
      before = std::move(now);
    }
    EXPECT_GT(held, composer->frame_count() / 2);
    // A wipe's edge may run over nothing.
    EXPECT_LE(missed, transition == Transition::wipe ? 4 : 0);
  }
}

TEST(Composer, GivesTheSameFramesInAnyOrderAndEveryTime) {
  for (const Transition transition :
       {Transition::crossfade, Transition::slide, Transition::cut, Transition::wipe, Transition::dissolve}) {
    const Storyboard storyboard = two_scenes(transition);
    const auto one = compose(storyboard, small());
    const auto other = compose(storyboard, small());
    std::vector<std::vector<std::uint8_t>> frames;
    for (std::int64_t i = 0; i < one->frame_count(); ++i) frames.push_back(bytes_of(one->frame(i)->picture));
    for (std::int64_t i = other->frame_count() - 1; i >= 0; i -= i > 50 ? 7 : 1) {
      ASSERT_EQ(bytes_of(other->frame(i)->picture), frames[static_cast<std::size_t>(i)]) << "frame " << i;
    }
  }
}

// 10 log (peak² / mean squared error) of luma.
double psnr(const YuvView& one, const YuvFrame& other) {
  double error = 0.0;
  for (int y = 0; y < one.height_px; ++y) {
    for (int x = 0; x < one.width_px; ++x) {
      const double d = one.planes[0][static_cast<std::ptrdiff_t>(y) * one.strides_bytes[0] + x] - other.row(0, y)[x];
      error += d * d;
    }
  }
  return error == 0.0 ? 99.0 : 10.0 * std::log10(255.0 * 255.0 * one.width_px * one.height_px / error);
}

Storyboard every_kind(Subject subject) {
  Scene diagram = scene_of(SceneKind::diagram, "Push and push back");
  diagram.equations = {"F = m a"};
  diagram.annotations = {testing::arrow("Push down", "red", {0.45, 0.45}, {0.45, 0.75}),
                         {AnnotationKind::highlight, "The floor", "gold", {0.3, 0.75}, {0.7, 0.85}}};
  Scene takeaways = scene_of(SceneKind::takeaways, "Points", {}, {"The first of them", "The second of them"});
  speak_bullets(takeaways);
  // Time to look back at all of them.
  takeaways.narration.push_back({"These are the two that matter.", std::chrono::milliseconds(500), -1});
  return storyboard_of({scene_of(SceneKind::title, "A title", "And what it is about."), diagram, takeaways,
                        scene_of(SceneKind::comparison, "One vs. other", {}, {"a", "b", "c", "d"}),
                        scene_of(SceneKind::text, "Text", "Some of it. And some more of it.")},
                       subject);
}

TEST(Composer, EndsEverySceneWithWhatItsStillShows) {
  const test::TemporaryFolder folder;
  const std::filesystem::path png = folder / "still.png";
  for (const Subject subject : {Subject::physics, Subject::math, Subject::chemistry, Subject::biology, Subject::history,
                                Subject::literature, Subject::other}) {
    for (const bool high_contrast : {false, true}) {
      RenderOptions options = small();
      options.high_contrast = high_contrast;
      const auto composer = compose(every_kind(subject), options);
      for (std::size_t i = 0; i < composer->scenes().size(); ++i) {
        ASSERT_TRUE(composer->write_scene_still(static_cast<int>(i), png).has_value());
        const auto still = load_image(png, options.width_px, options.height_px);
        ASSERT_TRUE(still.has_value());
        const auto last = composer->frame(composer->scenes()[i].first + composer->scenes()[i].count - 1);
        ASSERT_TRUE(last.has_value());
        EXPECT_GT(psnr(last->picture, to_frame(still->get())), 48.0)
            << "scene " << i << ", subject " << static_cast<int>(subject);
      }
    }
  }
}

// Pixels that the frames cost which lie in [first, end), one after the other.
std::int64_t work_of(Composer& composer, std::int64_t first, std::int64_t end) {
  EXPECT_TRUE(composer.frame(first - 1).has_value());
  const PixelWork before = composer.work();
  for (std::int64_t i = first; i < end; ++i) EXPECT_TRUE(composer.frame(i).has_value());
  const PixelWork& after = composer.work();
  return after.copied + after.blended + after.filmed - before.copied - before.blended - before.filmed;
}

TEST(Composer, WorksOnNoMoreThanWhatChanges) {
  const Storyboard storyboard = two_scenes(Transition::crossfade);
  const auto composer = compose(storyboard, small());
  const auto watched = compose(storyboard, small());
  constexpr std::int64_t kFrame = 320 * 180;
  std::int64_t damaged = 0;
  std::int64_t changed = 0;
  for (std::int64_t i = 0; i < watched->frame_count(); ++i) {
    const auto frame = watched->frame(i);
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->held, frame->damage.empty());
    if (i > 0) damaged += frame->damage.area();
    changed += frame->held ? 0 : 1;
  }
  const std::int64_t work = work_of(*composer, 1, composer->frame_count());
  // Entering a scene takes a few copies; beyond that every pixel is worked on a few times at most.
  EXPECT_LE(work, 4 * damaged + 4 * kFrame);
  EXPECT_LT(work, changed * kFrame);
  EXPECT_EQ(work_of(*composer, 20, 29), 0);
}

TEST(Composer, CountsTheFramesOfEveryScene) {
  const auto composer = compose(two_scenes(Transition::crossfade), small());
  ASSERT_EQ(composer->scenes().size(), 2U);
  EXPECT_EQ(composer->scenes()[0].first, 0);
  EXPECT_EQ(composer->scenes()[0].count, 30);
  EXPECT_EQ(composer->scenes()[1].first, 30);
  EXPECT_EQ(composer->scenes()[1].count, composer->frame_count() - 30);
  EXPECT_EQ(composer->scenes()[1].title, "Points");
}

TEST(Composer, RefusesSizesItCannotMake) {
  const Storyboard storyboard = two_scenes(Transition::cut);
  for (const auto& [width, height] :
       {std::pair{1281, 720}, std::pair{1280, 721}, std::pair{0, 0}, std::pair{-2, 720}}) {
    RenderOptions options;
    options.width_px = width;
    options.height_px = height;
    const auto composer = Composer::create(storyboard, narration_of(storyboard), options);
    ASSERT_FALSE(composer.has_value());
    EXPECT_EQ(composer.error().code, ErrorCode::invalid_input);
  }
}

TEST(Composer, WarnsOfAnImageThatIsNotThereAndGoesOn) {
  const test::TemporaryFolder folder;
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::image, "A picture")});
  for (const char* name : {"missing.png", "../secret.png", "/etc/passwd", "asset:", "gs://bucket/x.png"}) {
    storyboard.scenes[0].image = name;
    RenderOptions options = small();
    options.asset_root = folder.path();
    const auto composer = compose(storyboard, options);
    ASSERT_EQ(composer->warnings().size(), 1U) << name;
    EXPECT_NE(composer->warnings()[0].find("image not shown"), std::string::npos);
    EXPECT_TRUE(composer->frame(0).has_value());
  }
}

class Assets : public ::testing::Test {
 protected:
  Assets() {
    std::filesystem::create_directories(root_ / "inner");
    Storyboard source = storyboard_of({scene_of(SceneKind::title, "A picture of something")}, Subject::biology);
    EXPECT_TRUE(compose(source, small())->write_scene_still(0, root_ / "inner" / "picture.png").has_value());
  }
  const test::TemporaryFolder folder_;
  const std::filesystem::path& root_ = folder_.path();
};

TEST_F(Assets, AreFoundBelowTheRootOnly) {
  EXPECT_TRUE(resolve_asset(root_, "asset:inner/picture.png").has_value());
  EXPECT_TRUE(resolve_asset(root_, "inner/picture.png").has_value());
  EXPECT_EQ(resolve_asset(root_ / "inner", "../inner/picture.png").error().code, ErrorCode::invalid_input);
  EXPECT_EQ(resolve_asset(root_, (root_ / "inner/picture.png").string()).error().code, ErrorCode::invalid_input);
  EXPECT_EQ(resolve_asset({}, "inner/picture.png").error().code, ErrorCode::not_found);
  EXPECT_EQ(resolve_asset(root_, "inner").error().code, ErrorCode::not_found);
  std::filesystem::create_directories(root_ / "other");
  std::error_code ignored;
  std::filesystem::create_symlink("../inner/picture.png", root_ / "other" / "link.png", ignored);
  EXPECT_EQ(resolve_asset(root_ / "other", "link.png").error().code, ErrorCode::invalid_input);
}

TEST_F(Assets, ThatAreNoPicturesAreRefused) {
  ASSERT_TRUE(write_file_durably(root_ / "text.png", "this is no picture").has_value());
  EXPECT_EQ(load_image(root_ / "text.png", 320, 180).error().code, ErrorCode::unsupported);
  const std::string whole = *read_file(root_ / "inner" / "picture.png", kMaxImageBytes);
  ASSERT_TRUE(write_file_durably(root_ / "cut.png", whole.substr(0, whole.size() / 2)).has_value());
  EXPECT_EQ(load_image(root_ / "cut.png", 320, 180).error().code, ErrorCode::data_corrupt);
  // A header that promises 60,000 x 60,000 pixels.
  std::string bomb = whole;
  for (const std::size_t at : {16U, 20U}) bomb.replace(at, 4, std::string("\x00\x00\xea\x60", 4));
  ASSERT_TRUE(write_file_durably(root_ / "bomb.png", bomb).has_value());
  EXPECT_EQ(load_image(root_ / "bomb.png", 320, 180).error().code, ErrorCode::data_corrupt);
}

TEST_F(Assets, MoveSmoothlyUnderTheCamera) {
  Scene scene = scene_of(SceneKind::image, "A picture");
  scene.image = "asset:inner/picture.png";
  scene.motion = Motion::zoom_in;
  scene.planned_duration = std::chrono::milliseconds(2'000);
  RenderOptions options = small();
  options.asset_root = root_;
  const auto composer = compose(storyboard_of({scene}), options);
  EXPECT_TRUE(composer->warnings().empty());
  int changed = 0;
  for (std::int64_t i = 0; i < composer->frame_count(); ++i) changed += composer->frame(i)->held ? 0 : 1;
  EXPECT_GT(changed, composer->frame_count() * 3 / 4);
}

struct Expected {
  const char* color;
  int y;
  int u;
  int v;
};

TEST(Composer, ConvertsColoursByBt709InLimitedRange) {
  // Y = 16 + 219 (0.2126 R + 0.7152 G + 0.0722 B); Cb, Cr = 128 + 224 (B - Y) / 1.8556, (R - Y) / 1.5748.
  for (const Expected& expected :
       {Expected{"#ff0000", 63, 102, 240}, Expected{"#00ff00", 173, 42, 26}, Expected{"#0000ff", 32, 240, 118},
        Expected{"#ffffff", 235, 128, 128}, Expected{"#000000", 16, 128, 128}, Expected{"#808080", 126, 128, 128}}) {
    const auto surface = make_surface(64, 64);
    ASSERT_TRUE(surface.has_value());
    Theme theme = theme_for(Subject::other);
    theme.background = *parse_color(expected.color);
    paint_veil(surface->get(), theme, 1.0);
    const YuvFrame frame = to_frame(surface->get());
    for (int plane = 0; plane < 3; ++plane) {
      const int wanted = plane == 0 ? expected.y : plane == 1 ? expected.u : expected.v;
      const int size = frame.plane_width(plane) * frame.plane_height(plane);
      for (int i = 0; i < size; ++i) {
        ASSERT_NEAR(frame.row(plane, 0)[i], wanted, 1) << expected.color << " plane " << plane << " sample " << i;
      }
    }
  }
}

}  // namespace
}  // namespace vivid::render
