// What a GPU composes: bytes moved against what its memory copies, and frames a second, for frames that change as a
// whole and for such that change in places. Run: ./dev bench cuda. On a machine without a GPU it says so.
//
// Every figure is of many frames queued before one wait: rates of the device, not of its answers. With --show frames
// are brought to this machine's memory one by one.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "render/compose/canvas.h"
#include "render/cuda/device.h"
#include "render/cuda/line.h"
#include "render/cuda/studio.h"
#include "render/layout/painter.h"

namespace {

using namespace vivid;
using namespace vivid::render;
using Clock = std::chrono::steady_clock;

template <typename T>
T need(Result<T> result) {
  if (result.has_value()) return std::move(*result);
  std::fprintf(stderr, "cuda_bench: %s\n", result.error().describe().c_str());
  std::exit(1);
}

void need(const Status& status) {
  if (status.has_value()) return;
  std::fprintf(stderr, "cuda_bench: %s\n", status.error().describe().c_str());
  std::exit(1);
}

// Seconds for each of `count`, which `finish` waits for; the best of five rounds.
double seconds_each(int count, const std::function<void(int)>& frame, const std::function<void()>& finish) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const auto began = Clock::now();
    for (int i = 0; i < count; ++i) frame(i);
    finish();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - began).count() / count);
  }
  return best;
}

// Bytes a second that are read and written by copies within the device.
double copy_bandwidth(const std::shared_ptr<cuda::Device>& device) {
  constexpr std::size_t kBytes = std::size_t{256} << 20;
  const auto line = need(cuda::Line::open(device));
  const auto one = need(device->allocate(kBytes));
  const auto other = need(device->allocate(kBytes));
  const cuda::Device::Current current(*device);
  const auto copy = [&](int) {
    need(device->api().check(device->api().copy_device(one.address(), other.address(), kBytes, line->drawing()),
                             "copy"));
  };
  return 2.0 * kBytes / seconds_each(50, copy, [&] { need(line->wait()); });
}

class Stage {
 public:
  Stage(Studio& studio, int width, int height, double bandwidth, bool shown)
      : studio_(studio), width_(width), height_(height), bandwidth_(bandwidth), shown_(shown) {
    one_ = std::make_shared<YuvFrame>(width, height);
    other_ = std::make_shared<YuvFrame>(width, height);
    from_ = canvas_with(one_);
    into_ = canvas_with(other_);
    to_ = canvas_with(one_);
  }

  void run() {
    const PixelRect all{0, 0, width_, height_};
    const double frame = 1.5 * width_ * height_;
    measure("fade, whole frame", 3 * frame, [&](int i) {
      need(to_->blend(*from_, *into_, {Blend::fade, false, 1 + i % 255, 256}, all));
    });
    measure("wipe, whole frame", 3 * frame, [&](int i) {
      need(to_->blend(*from_, *into_, {Blend::wipe, false, i * 8 % width_ / 2 * 2, width_}, all));
    });
    const auto layer = layer_of(width_, height_);
    // Colours and alphas of two bytes each; chroma shares its alpha.
    measure("layer, whole frame", 2 * frame + 2 * frame + 2 * 1.25 * width_ * height_,
            [&](int i) { need(to_->put_layer(layer, 0, 0, 1 + i, all)); });
    const auto source = std::make_shared<const CameraSource>(YuvFrame(width_ * 5 / 4 / 2 * 2, height_ * 5 / 4 / 2 * 2));
    measure("camera, whole frame", frame + static_cast<double>(source->size_bytes()), [&](int i) {
      need(to_->film(source,
                     camera_view({1.0 + 0.0005 * (i % 200), 0.5}, width_, height_, source->width(), source->height())));
    });
    const PixelRect part{width_ / 4 / 2 * 2, height_ / 3 / 2 * 2, width_ / 3 / 2 * 2, height_ / 10 / 2 * 2};
    const auto small = layer_of(part.width, part.height);
    const double samples = 1.5 * static_cast<double>(part.area());
    measure("a line of text", 4 * samples + 2 * samples + 2.5 * static_cast<double>(part.area()), [&](int i) {
      need(to_->copy_rect(one_, part));
      need(to_->put_layer(small, part.x, part.y, 1 + i, part));
    });
  }

 private:
  std::unique_ptr<Canvas> canvas_with(const std::shared_ptr<const YuvFrame>& frame) {
    auto canvas = need(studio_.make_canvas(width_, height_));
    need(canvas->copy_rect(frame, frame->bounds()));
    return canvas;
  }
  static std::shared_ptr<const LayerPixels> layer_of(int width, int height) {
    auto layer = std::make_shared<LayerPixels>();
    layer->width = width;
    layer->height = height;
    const auto size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    for (std::size_t i = 0; i < 3; ++i) layer->colors[i].assign(i == 0 ? size : size / 4, 8'000);
    for (std::size_t i = 0; i < 2; ++i) layer->alphas[i].assign(i == 0 ? size : size / 4, 16'000);
    return layer;
  }

  void measure(const char* what, double bytes, const std::function<void(int)>& draw) {
    const auto frame = [&](int i) {
      draw(i);
      if (shown_) need(to_->show());
    };
    const double seconds = seconds_each(200, frame, [&] { need(to_->show()); });
    std::printf("%5dx%-5d %-20s %10.0f frames/s %8.1f GB/s %6.1f %% of copies\n", width_, height_, what, 1 / seconds,
                bytes / seconds / 1e9, 100 * bytes / seconds / bandwidth_);
  }

  Studio& studio_;
  int width_;
  int height_;
  double bandwidth_;
  bool shown_;
  std::shared_ptr<const YuvFrame> one_;
  std::shared_ptr<const YuvFrame> other_;
  std::unique_ptr<Canvas> from_;
  std::unique_ptr<Canvas> into_;
  std::unique_ptr<Canvas> to_;
};

}  // namespace

int main(int count, char** arguments) {
  const bool shown = count > 1 && std::string_view(arguments[1]) == "--show";
  auto device = cuda::Device::open({});
  if (!device.has_value()) {
    std::printf("no device: %s\n", device.error().message.c_str());
    return 0;
  }
  const double bandwidth = copy_bandwidth(*device);
  std::printf("%s copies %.1f GB/s, read and written; %s\n", (*device)->name().c_str(), bandwidth / 1e9,
              shown ? "every frame is brought back" : "frames stay on it");
  const auto studio = cuda::make_studio(*device);
  Stage(*studio, 1920, 1080, bandwidth, shown).run();
  Stage(*studio, 3840, 2160, bandwidth, shown).run();
  return 0;
}
