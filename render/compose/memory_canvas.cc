#include "render/compose/canvas.h"

namespace vivid::render {
namespace {

class MemoryCanvas final : public Canvas {
 public:
  MemoryCanvas(int width_px, int height_px) : picture_(width_px, height_px) {}

  Status copy(const Canvas& from) override {
    picture_ = picture_of(from);
    return {};
  }
  Status copy_rect(const std::shared_ptr<const YuvFrame>& from, const PixelRect& rect) override {
    render::copy_rect(*from, rect, picture_);
    return {};
  }
  Status put_layer(const std::shared_ptr<const LayerPixels>& layer, int x, int y, int opacity,
                   const PixelRect& rect) override {
    render::put_layer(*layer, x, y, opacity, rect, picture_);
    return {};
  }
  Status film(const std::shared_ptr<const CameraSource>& source, const CameraView& view) override {
    source->film(view, picture_);
    return {};
  }
  Status blend(const Canvas& from, const Canvas& into, const BlendState& state, const PixelRect& rect) override {
    render::blend(picture_of(from), picture_of(into), state, rect, picture_);
    return {};
  }
  Result<YuvView> show() override { return picture_.view(); }

 private:
  // A studio's canvases are all of one kind.
  static const YuvFrame& picture_of(const Canvas& canvas) { return static_cast<const MemoryCanvas&>(canvas).picture_; }

  YuvFrame picture_;
};

class MemoryStudio final : public Studio {
 public:
  Result<std::unique_ptr<Canvas>> make_canvas(int width_px, int height_px) override {
    return std::unique_ptr<Canvas>(std::make_unique<MemoryCanvas>(width_px, height_px));
  }
  std::unique_ptr<Studio> fork() const override { return make_memory_studio(); }
  std::string name() const override { return "memory"; }
};

}  // namespace

std::unique_ptr<Studio> make_memory_studio() { return std::make_unique<MemoryStudio>(); }

}  // namespace vivid::render
