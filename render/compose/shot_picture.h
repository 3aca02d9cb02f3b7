// The picture of one shot, without what leads into it: its base and its layers, drawn anew only where it changes.
//
// Threads: belongs to one thread. Memory: one frame, the base and the layers that have been seen; what two shots have
// in common is shared between them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/compose/camera.h"
#include "render/compose/canvas.h"
#include "render/compose/picture_store.h"
#include "render/compose/pixels.h"
#include "render/compose/timeline.h"

namespace vivid::render {

class ShotPicture {
 public:
  // As the shot is at `frame`. `neighbour`, which may be null, is a shot whose pixels may be used again.
  static Result<std::unique_ptr<ShotPicture>> create(PictureStore& store, Studio& studio, const Timeline& timeline,
                                                     std::size_t shot, std::int64_t frame, const ShotPicture* neighbour,
                                                     PixelWork& work);
  // From the frame before to this one.
  Status advance_to(std::int64_t frame);

  Canvas& picture() const { return *picture_; }

 private:
  struct Layer {
    std::shared_ptr<const LayerPixels> pixels;
    LayerState look;  // of what `pixels` show
  };

  ShotPicture(PictureStore& store, const Timeline& timeline, std::size_t shot, PixelWork& work);
  const Shot& shot() const { return timeline_.shots()[shot_]; }
  PixelRect bounds() const { return {0, 0, timeline_.width(), timeline_.height()}; }
  Status load_base(const ShotPicture* neighbour);
  Status load_layers(std::int64_t frame);
  Status draw(std::int64_t frame, const Region& region);

  PictureStore& store_;
  const Timeline& timeline_;
  std::size_t shot_;
  PixelWork& work_;
  std::shared_ptr<const YuvFrame> base_;        // null under a camera
  std::shared_ptr<const CameraSource> source_;  // null without one
  std::vector<Layer> layers_;
  std::unique_ptr<Canvas> picture_;
};

}  // namespace vivid::render
