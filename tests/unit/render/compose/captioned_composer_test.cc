#include "render/compose/captioned_composer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "render/layout/caption_plate.h"
#include "render/layout/color.h"
#include "render/layout/type.h"
#include "samples.h"

namespace vivid::render {
namespace {

using std::chrono::milliseconds;
using testing::narration_of;
using testing::scene_of;
using testing::storyboard_of;

constexpr int kWidth = 640;
constexpr int kHeight = 360;

RenderOptions options_of(CaptionMode captions) {
  RenderOptions options;
  options.width_px = kWidth;
  options.height_px = kHeight;
  options.frames_per_second = 10;
  options.captions = captions;
  return options;
}

std::vector<std::uint8_t> luma(const YuvView& view) {
  std::vector<std::uint8_t> bytes;
  for (int y = 0; y < view.height_px; ++y) {
    const std::uint8_t* row = view.planes[0] + static_cast<std::ptrdiff_t>(y) * view.strides_bytes[0];
    bytes.insert(bytes.end(), row, row + view.width_px);
  }
  return bytes;
}

std::unique_ptr<Composer> plain(const RenderOptions& options) {
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::text, "Heading", "Words that stand there.")});
  storyboard.scenes[0].planned_duration = milliseconds(4'000);
  auto composer = Composer::create(storyboard, narration_of(storyboard), options);
  EXPECT_TRUE(composer.has_value()) << composer.error().describe();
  return std::move(*composer);
}

std::unique_ptr<Composer> captioned(const std::vector<Caption>& captions) {
  const RenderOptions options = options_of(CaptionMode::burnt_in);
  auto composer = put_captions_on(plain(options), captions, "en", options);
  EXPECT_TRUE(composer.has_value()) << composer.error().describe();
  return std::move(*composer);
}

const std::vector<Caption> kTwo{{milliseconds(1'000), milliseconds(2'000), {"The first caption", "has two lines"}},
                                {milliseconds(2'500), milliseconds(3'000), {"The second"}}};

std::vector<std::vector<std::uint8_t>> all_frames(Composer& composer) {
  std::vector<std::vector<std::uint8_t>> frames;
  for (std::int64_t i = 0; i < composer.frame_count(); ++i) frames.push_back(luma(composer.frame(i)->picture));
  return frames;
}

TEST(CaptionedComposer, ShowsCaptionsWhenTheyAreDueAndNothingElse) {
  const auto without = all_frames(*plain(options_of(CaptionMode::burnt_in)));
  const auto with = all_frames(*captioned(kTwo));
  ASSERT_EQ(with.size(), without.size());
  for (std::size_t i = 0; i < with.size(); ++i) {
    const bool due = (i >= 10 && i < 20) || (i >= 25 && i < 30);
    EXPECT_EQ(with[i] != without[i], due) << "frame " << i;
  }
  // White letters on a dark plate.
  EXPECT_GT(*std::max_element(with[12].end() - kWidth * kHeight / 3, with[12].end()), 220);
}

TEST(CaptionedComposer, DamagesNoMoreThanThePlates) {
  const auto composer = captioned(kTwo);
  std::vector<std::uint8_t> before;
  for (std::int64_t i = 0; i < composer->frame_count(); ++i) {
    const auto frame = composer->frame(i);
    ASSERT_TRUE(frame.has_value());
    const auto now = luma(frame->picture);
    EXPECT_EQ(frame->held, composer->mark(i).held);
    if (frame->held) {
      EXPECT_EQ(now, before) << i;
    } else if (i > 0) {
      EXPECT_LT(frame->damage.area(), kWidth * kHeight / 4) << i;
      const auto inside = [&](int x, int y) {
        return std::any_of(frame->damage.rects().begin(), frame->damage.rects().end(), [&](const PixelRect& rect) {
          return x >= rect.x && x < rect.right() && y >= rect.y && y < rect.bottom();
        });
      };
      for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) {
          const auto at = static_cast<std::size_t>(y * kWidth + x);
          ASSERT_TRUE(now[at] == before[at] || inside(x, y)) << "frame " << i << " at " << x << "," << y;
        }
      }
    }
    before = now;
  }
}

TEST(CaptionedComposer, GivesTheSameFramesToEveryReader) {
  const auto one = captioned(kTwo);
  const auto frames = all_frames(*one);
  const auto other = one->fork();
  for (const std::int64_t i : {39, 26, 27, 12, 0, 19, 20, 21}) {
    EXPECT_EQ(luma(other->frame(i)->picture), frames[static_cast<std::size_t>(i)]) << i;
  }
}

TEST(CaptionedComposer, DigestTellsCaptionsApart) {
  std::vector<Caption> changed = kTwo;
  changed[1].lines = {"Another"};
  const auto one = captioned(kTwo);
  const auto other = captioned(changed);
  EXPECT_EQ(*one->digest(0, 24), *other->digest(0, 24));
  EXPECT_NE(*one->digest(24, 40), *other->digest(24, 40));
  EXPECT_NE(*one->digest(0, 15), *one->digest(0, 16));
}

TEST(CaptionPlate, StandsInItsRoomInEveryScript) {
  for (const double scale : {0.75, 1.0, 1.5, 2.0}) {
    for (const auto& lines : std::vector<std::vector<std::string>>{
             {"Short"},
             {std::string(42, 'W'), std::string(42, 'm')},
             {"الماء يتبخر من البحر ثم يتكاثف في السماء", "ويعود إلى الأرض مطرًا وثلجًا وبَرَدًا"},
             {"水は蒸発して雲になり雨となる。水", "水は蒸発して雲になり雨となる。水"},
             {"น้ำระเหยจากทะเลแล้วควบแน่นบนท้องฟ้า", "पानी समुद्र से वाष्पित होता है"}}) {
      const TextEngine engine("en");
      const Page page = lay_out_caption(engine, lines, {1920.0, scale, false});
      const Rect plate = page.elements.front().box;
      EXPECT_GE(plate.y, grid::kBottom - caption_room(scale)) << lines.front();
      EXPECT_LE(plate.bottom(), grid::kBottom + 0.5);
      EXPECT_GE(plate.x, 1920.0 * kSafeMargin);
      EXPECT_LE(plate.right(), 1920.0 * (1.0 - kSafeMargin));
      const Element& text = page.elements.back();
      EXPECT_TRUE(plate.contains({plate.x, text.box.y, 1.0, text.box.height}));
      EXPECT_EQ(engine.measure(text.text, false, text.style, text.box.width).lines.size(), lines.size());
    }
  }
}

TEST(CaptionPlate, CanBeReadOnAnyPicture) {
  const TextEngine engine("en");
  const Page page = lay_out_caption(engine, {"Caption"}, {});
  const Color fill = page.elements.front().fill;
  const Color over_white = mix(kWhite, fill.with_alpha(1.0), fill.a);
  EXPECT_GE(contrast_ratio(page.elements.back().color, over_white), kHighContrast);
}

}  // namespace
}  // namespace vivid::render
