// Every kind of studio there is, for tests that all of them have to pass: a GPU's where there is one, the stand-in
// driver's everywhere.
//
// Threads: one. Ownership: values.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "render/compose/canvas.h"
#include "render/cuda/device.h"
#include "render/cuda/studio.h"

namespace vivid::render::testing {

inline std::string stand_in_library() { return std::string(VIVID_BINARY_DIR) + "/lib/stand-in-driver/libcuda.so.1"; }

// The stand-in runs kernels of its own, whatever it is given.
inline cuda::DeviceOptions stand_in_options() {
  static constexpr unsigned char kAnyImage[] = {1};
  cuda::DeviceOptions options;
  options.library = stand_in_library();
  options.kernels = kAnyImage;
  return options;
}

inline std::shared_ptr<cuda::Device> stand_in_device() {
  auto device = cuda::Device::open(stand_in_options());
  if (device.has_value()) return *device;
  ADD_FAILURE() << device.error().describe();
  return nullptr;
}

struct NamedStudio {
  std::string name;
  std::unique_ptr<Studio> studio;
};

// All but this machine's memory.
inline std::vector<NamedStudio> device_studios() {
  std::vector<NamedStudio> all;
  all.push_back({"the stand-in driver", cuda::make_studio(stand_in_device())});
  auto gpu = cuda::Device::open({});
  if (gpu.has_value()) all.push_back({(*gpu)->name(), cuda::make_studio(*gpu)});
  return all;
}

template <typename T>
void fill(std::vector<T>& samples, int low, int high, std::mt19937& random) {
  std::uniform_int_distribution<int> any(low, high);
  for (T& sample : samples) sample = static_cast<T>(any(random));
}

inline std::shared_ptr<const YuvFrame> any_frame(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  auto frame = std::make_shared<YuvFrame>(width, height);
  std::uniform_int_distribution<int> any(0, 255);
  for (int plane = 0; plane < 3; ++plane) {
    for (int y = 0; y < frame->plane_height(plane); ++y) {
      for (int x = 0; x < frame->plane_width(plane); ++x) {
        frame->row(plane, y)[x] = static_cast<std::uint8_t>(any(random));
      }
    }
  }
  return frame;
}

inline std::shared_ptr<const LayerPixels> any_layer(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  auto layer = std::make_shared<LayerPixels>();
  layer->width = width;
  layer->height = height;
  for (std::size_t plane = 0; plane < 3; ++plane) {
    const auto size = static_cast<std::size_t>(width * height / (plane == 0 ? 1 : 4));
    layer->colors[plane].resize(size);
    fill(layer->colors[plane], 0, 255 << 7, random);
    if (plane == 2) continue;
    layer->alphas[plane].resize(size);
    fill(layer->alphas[plane], 0, 32'767, random);
  }
  return layer;
}

inline std::vector<std::uint8_t> bytes_of(const YuvView& view) {
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

inline std::vector<std::uint8_t> shown_on(Canvas& canvas) {
  const auto view = canvas.show();
  if (view.has_value()) return bytes_of(*view);
  ADD_FAILURE() << view.error().describe();
  return {};
}

}  // namespace vivid::render::testing
