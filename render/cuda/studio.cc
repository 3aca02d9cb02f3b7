#include "render/cuda/studio.h"

#include <utility>

#include "render/cuda/canvas.h"

namespace vivid::render::cuda {
namespace {

// Of pictures that scenes have in common, or that come back.
constexpr std::size_t kMostUploadedBytes = std::size_t{768} << 20;

class CudaStudio final : public Studio {
 public:
  CudaStudio(std::shared_ptr<Device> device, std::shared_ptr<Uploads> uploads)
      : device_(std::move(device)), uploads_(std::move(uploads)) {}

  Result<std::unique_ptr<Canvas>> make_canvas(int width_px, int height_px) override {
    if (line_ == nullptr) {
      VIVID_ASSIGN(line_, Line::open(device_));
    }
    return CudaCanvas::make(line_, uploads_, width_px, height_px);
  }
  std::unique_ptr<Studio> fork() const override { return std::make_unique<CudaStudio>(device_, uploads_); }
  std::string name() const override { return device_->name(); }

 private:
  std::shared_ptr<Device> device_;
  std::shared_ptr<Uploads> uploads_;
  std::shared_ptr<Line> line_;  // opened on the thread that draws
};

}  // namespace

std::unique_ptr<Studio> make_studio(std::shared_ptr<Device> device) {
  return std::make_unique<CudaStudio>(std::move(device), std::make_shared<Uploads>(kMostUploadedBytes));
}

}  // namespace vivid::render::cuda
