// A canvas in the memory of a GPU. What is drawn is queued; show() and pack() are what waits.
//
// Threads, ownership, errors: as Canvas.
#pragma once

#include <memory>

#include "render/compose/canvas.h"
#include "render/cuda/line.h"
#include "render/cuda/uploads.h"

namespace vivid::render::cuda {

// Pictures as an encoder on the same device takes them: NV12, or with samples of two bytes P010.
struct PackedPicture {
  Address luma = 0;
  Address chroma = 0;
  int luma_pitch = 0;  // bytes
  int chroma_pitch = 0;
  int sample_bytes = 1;
};

class CudaCanvas final : public Canvas {
 public:
  static Result<std::unique_ptr<Canvas>> make(std::shared_ptr<Line> line, std::shared_ptr<Uploads> uploads,
                                              int width_px, int height_px);
  ~CudaCanvas() override;
  CudaCanvas(const CudaCanvas&) = delete;
  CudaCanvas& operator=(const CudaCanvas&) = delete;

  Status copy(const Canvas& from) override;
  Status copy_rect(const std::shared_ptr<const YuvFrame>& from, const PixelRect& rect) override;
  Status put_layer(const std::shared_ptr<const LayerPixels>& layer, int x, int y, int opacity,
                   const PixelRect& rect) override;
  Status film(const std::shared_ptr<const CameraSource>& source, const CameraView& view) override;
  Status blend(const Canvas& from, const Canvas& into, const BlendState& state, const PixelRect& rect) override;
  // Brings back what was drawn since it was shown last.
  Result<YuvView> show() override;
  // Puts all of it there, on the device.
  Status pack(const PackedPicture& to);

 private:
  CudaCanvas(std::shared_ptr<Line> line, std::shared_ptr<Uploads> uploads, int width_px, int height_px)
      : line_(std::move(line)), uploads_(std::move(uploads)), layout_(width_px, height_px) {}
  PixelRect bounds() const { return {0, 0, layout_.width[0], layout_.height[0]}; }
  Planes planes() const { return layout_.planes(buffer_.address()); }
  Status launch_blend(BlendJob job, const PixelRect& rect);
  Status bring_back(const PixelRect& rect);

  std::shared_ptr<Line> line_;
  std::shared_ptr<Uploads> uploads_;
  Layout layout_;
  Buffer buffer_;
  Pinned shown_;  // what show() gives; none before the first time
  Region drawn_;  // since then
};

}  // namespace vivid::render::cuda
