// Pictures on a device: each is brought over once, whoever draws with it.
//
// Threads: any. Memory: of pictures that are still used, and of no more than a bound of them. Errors: those of bringing
// one over.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "render/compose/camera.h"
#include "render/compose/pixels.h"
#include "render/cuda/jobs.h"
#include "render/cuda/line.h"

namespace vivid::render::cuda {

// Where the planes of a canvas lie in its memory.
struct Layout {
  Layout(int width_px, int height_px);

  Planes planes(Address address) const;

  int width[3];
  int height[3];
  int pitch[3];
  std::size_t offset[3];
  std::size_t bytes = 0;
};

// Where the samples of a layer do.
struct LayerLayout {
  explicit LayerLayout(const LayerPixels& layer);

  int width[3];
  int height[3];
  int pitch[3];  // samples
  std::size_t color[3];
  std::size_t alpha[3];
  std::size_t bytes = 0;
};

// And those of what a camera films.
struct SourceLayout {
  explicit SourceLayout(const CameraSource& source);

  std::size_t plane[3];
  std::size_t bytes = 0;
};

class Uploads {
 public:
  explicit Uploads(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  Result<std::shared_ptr<const Upload>> frame(const std::shared_ptr<const YuvFrame>& frame, Line& line);
  Result<std::shared_ptr<const Upload>> layer(const std::shared_ptr<const LayerPixels>& layer, Line& line);
  Result<std::shared_ptr<const Upload>> source(const std::shared_ptr<const CameraSource>& source, Line& line);

 private:
  struct Known {
    const void* picture = nullptr;
    std::weak_ptr<const void> alive;  // another picture may come to lie at the same place
    std::shared_ptr<const Upload> upload;
  };
  template <typename Write>
  Result<std::shared_ptr<const Upload>> find(const std::shared_ptr<const void>& picture, std::size_t bytes, Line& line,
                                             Write&& write);
  void forget(std::size_t room);

  std::size_t most_bytes_;
  std::mutex mutex_;
  std::deque<Known> known_;  // the oldest first
  std::size_t bytes_ = 0;
};

}  // namespace vivid::render::cuda
