// Every operation on canvases, in places and sizes of all kinds: the same samples wherever they are drawn.
#include "render/compose/canvas.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "render/cuda/canvas.h"
#include "render/layout/painter.h"
#include "tests/unit/render/cuda/studios.h"

namespace vivid::render {
namespace {

using testing::any_frame;
using testing::any_layer;
using testing::device_studios;
using testing::shown_on;

// Sides that are multiples of no vector, and such that are.
constexpr int kSides[][2] = {{2, 2}, {66, 34}, {426, 238}, {512, 256}, {854, 480}};

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int roll(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  int even(int low, int high) { return 2 * roll(low / 2, high / 2); }
  PixelRect rect_in(int width, int height) {
    const int x = even(0, width - 2);
    const int y = even(0, height - 2);
    return {x, y, even(2, width - x), even(2, height - y)};
  }

 private:
  std::mt19937 random_;
};

// A canvas of each kind, on which the same is done.
void expect_same(int width, int height, const std::function<Status(Studio& studio, Canvas& canvas)>& draw) {
  const auto memory = make_memory_studio();
  const auto expected = memory->make_canvas(width, height);
  ASSERT_TRUE(expected.has_value());
  ASSERT_TRUE(draw(*memory, **expected).has_value());
  for (const auto& [name, studio] : device_studios()) {
    auto canvas = studio->make_canvas(width, height);
    ASSERT_TRUE(canvas.has_value()) << canvas.error().describe();
    const Status drawn = draw(*studio, **canvas);
    ASSERT_TRUE(drawn.has_value()) << drawn.error().describe();
    ASSERT_EQ(shown_on(**canvas), shown_on(**expected)) << name << ", " << width << "x" << height;
  }
}

Result<std::unique_ptr<Canvas>> canvas_with(Studio& studio, const std::shared_ptr<const YuvFrame>& frame) {
  VIVID_ASSIGN(auto canvas, studio.make_canvas(frame->width(), frame->height()));
  VIVID_TRY(canvas->copy_rect(frame, frame->bounds()));
  return canvas;
}

TEST(Canvas, CopiesPartsTheSameEverywhere) {
  for (const auto& [width, height] : kSides) {
    const auto below = any_frame(width, height, 1);
    const auto above = any_frame(width, height, 2);
    expect_same(width, height, [&, w = width, h = height](Studio&, Canvas& canvas) -> Status {
      Dice dice(3);
      VIVID_TRY(canvas.copy_rect(below, below->bounds()));
      for (int i = 0; i < 8; ++i) VIVID_TRY(canvas.copy_rect(above, dice.rect_in(w, h)));
      return {};
    });
  }
}

TEST(Canvas, PutsLayersTheSameEverywhere) {
  for (const auto& [width, height] : kSides) {
    const auto below = any_frame(width, height, 1);
    const auto layer = any_layer(width, height, 2);
    const auto small = any_layer(34, 18, 3);
    expect_same(width, height, [&, w = width, h = height](Studio&, Canvas& canvas) -> Status {
      Dice dice(4);
      VIVID_TRY(canvas.copy_rect(below, below->bounds()));
      VIVID_TRY(canvas.put_layer(layer, 0, 0, 20'000, below->bounds()));
      // Beyond the edges too.
      for (int i = 0; i < 12; ++i) {
        VIVID_TRY(canvas.put_layer(i % 3 == 0 ? layer : small, dice.even(-40, w), dice.even(-20, h),
                                   dice.roll(1, 32'767), dice.rect_in(w, h)));
      }
      return {};
    });
  }
}

TEST(Canvas, BlendsTheSameEverywhere) {
  for (const auto& [width, height] : kSides) {
    const auto one = any_frame(width, height, 1);
    const auto other = any_frame(width, height, 2);
    for (const Blend kind : {Blend::none, Blend::fade, Blend::slide, Blend::wipe, Blend::dissolve}) {
      expect_same(width, height, [&, w = width, h = height](Studio& studio, Canvas& canvas) -> Status {
        Dice dice(5);
        VIVID_ASSIGN(const auto from, canvas_with(studio, one));
        VIVID_ASSIGN(const auto into, canvas_with(studio, other));
        VIVID_TRY(canvas.copy(*from));
        for (int i = 0; i <= 12; ++i) {
          const BlendState state = blend_state(kind, i / 12.0, w, i % 2 == 1);
          VIVID_TRY(canvas.blend(*from, *into, state, i % 4 == 0 ? one->bounds() : dice.rect_in(w, h)));
        }
        return {};
      });
    }
  }
}

TEST(Canvas, FilmsTheSameEverywhere) {
  for (const auto& [width, height] : kSides) {
    if (width < 64) continue;
    const auto source =
        std::make_shared<const CameraSource>(*any_frame(width * 5 / 4 / 2 * 2, height * 5 / 4 / 2 * 2, 1));
    for (const CameraPose pose : {CameraPose{1.0, 0.5}, CameraPose{1.137, 0.21}, CameraPose{1.9, 1.0}}) {
      expect_same(width, height, [&, w = width, h = height](Studio&, Canvas& canvas) {
        return canvas.film(source, camera_view(pose, w, h, source->width(), source->height()));
      });
    }
  }
}

TEST(Canvas, ShowsWhatIsDrawnAfterItWasShown) {
  const auto below = any_frame(426, 238, 1);
  const auto layer = any_layer(120, 60, 2);
  const auto memory = make_memory_studio();
  for (const auto& [name, studio] : device_studios()) {
    auto expected = canvas_with(*memory, below);
    auto canvas = canvas_with(*studio, below);
    ASSERT_TRUE(canvas.has_value());
    for (int i = 0; i < 20; ++i) {
      const PixelRect rect{10 * i, 4 * i, 120, 60};
      for (Canvas* each : {expected->get(), canvas->get()}) {
        ASSERT_TRUE(each->copy_rect(below, below->bounds()).has_value());
        ASSERT_TRUE(each->put_layer(layer, rect.x, rect.y, 1'000 * i + 1, rect).has_value());
      }
      ASSERT_EQ(shown_on(**canvas), shown_on(**expected)) << name << ", step " << i;
    }
  }
}

// Each picture is gone when the next one is brought: its memory must not be used again too early.
TEST(Canvas, DrawsWithPicturesThatNobodyKeeps) {
  const auto memory = make_memory_studio();
  for (const auto& [name, studio] : device_studios()) {
    auto expected = canvas_with(*memory, any_frame(512, 256, 1));
    auto canvas = canvas_with(*studio, any_frame(512, 256, 1));
    ASSERT_TRUE(canvas.has_value());
    for (unsigned i = 0; i < 40; ++i) {
      for (Canvas* each : {expected->get(), canvas->get()}) {
        ASSERT_TRUE(
            each->put_layer(any_layer(200, 100, i), 6 * static_cast<int>(i), 40, 30'000, {0, 0, 512, 256}).has_value());
      }
    }
    EXPECT_EQ(shown_on(**canvas), shown_on(**expected)) << name;
  }
}

TEST(Canvas, PacksForEncoders) {
  constexpr int kWidth = 66;
  constexpr int kHeight = 34;
  const auto frame = any_frame(kWidth, kHeight, 1);
  const auto device = testing::stand_in_device();
  const auto studio = cuda::make_studio(device);
  const auto canvas = canvas_with(*studio, frame);
  ASSERT_TRUE(canvas.has_value());
  for (const int bytes : {1, 2}) {
    const auto packed = device->allocate(std::size_t{256} * kHeight * 2);
    ASSERT_TRUE(packed.has_value());
    const cuda::Address chroma = packed->address() + std::size_t{256} * kHeight;
    ASSERT_TRUE(
        dynamic_cast<cuda::CudaCanvas&>(**canvas).pack({packed->address(), chroma, 256, 256, bytes}).has_value());
    // The stand-in's memory is this machine's.
    const auto sample = [&](cuda::Address plane, int x, int y) {
      const auto* row = reinterpret_cast<const std::uint8_t*>(plane) + std::ptrdiff_t{256} * y;
      return bytes == 1 ? row[x] : row[2 * x + 1];
    };
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        ASSERT_EQ(sample(packed->address(), x, y), frame->row(0, y)[x]);
        ASSERT_EQ(sample(chroma, x, y / 2), frame->row(1 + x % 2, y / 2)[x / 2]);
      }
    }
  }
}

}  // namespace
}  // namespace vivid::render
