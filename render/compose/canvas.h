// What frames are drawn on, wherever their samples are: in this machine's memory, or in a device's.
//
// A drawing consists of four operations on rectangles: a picture's part, a layer over what is there, what a camera
// sees, two canvases in one. Every kind of canvas gives the same samples: those of kernels::plain.
//
// Threads: a studio and its canvases belong to one thread; fork() makes a studio for another. Ownership: a canvas may
// outlive its studio; pictures are shared, so that a device may keep what it was given. Errors: those of the device;
// memory has none.
#pragma once

#include <memory>

#include "base/error.h"
#include "render/compose/camera.h"
#include "render/compose/pixels.h"
#include "render/compose/studio.h"
#include "render/compose/transition.h"

namespace vivid::render {

class Canvas {
 public:
  virtual ~Canvas() = default;

  // All of `from`, which is of the same studio and size, as every other canvas below.
  virtual Status copy(const Canvas& from) = 0;
  virtual Status copy_rect(const std::shared_ptr<const YuvFrame>& from, const PixelRect& rect) = 0;
  virtual Status put_layer(const std::shared_ptr<const LayerPixels>& layer, int x, int y, int opacity,
                           const PixelRect& rect) = 0;
  virtual Status film(const std::shared_ptr<const CameraSource>& source, const CameraView& view) = 0;
  virtual Status blend(const Canvas& from, const Canvas& into, const BlendState& state, const PixelRect& rect) = 0;
  // What is on it, in this machine's memory, until the canvas is drawn on.
  virtual Result<YuvView> show() = 0;
};

}  // namespace vivid::render
