#include "render/vivid_render/drawing.h"

#include "render/cuda/device.h"
#include "render/cuda/studio.h"
#include "render/encode/video_encoder.h"

namespace vivid::render {
namespace {

bool wants_hardware(const RenderOptions& options) {
  if (options.hardware == HardwareMode::never || !options.hardware_refused.empty()) return false;
  if (options.encoder == "auto") return true;
  const EncoderKind* kind = find_encoder(options.encoder);
  return kind != nullptr && kind->hardware;
}

}  // namespace

Drawing choose_drawing(StageCall& call) {
  const cuda::DeviceOptions options;
  // A program that was built without kernels has nothing to fall back from.
  if (!wants_hardware(call.task.options) || options.kernels.empty()) return {};
  if (call.environment.gpu == nullptr) {
    auto opened = call.timer.measure("open GPU", [&] { return cuda::Device::open(options); });
    if (!opened.has_value()) return {nullptr, opened.error().message};
    call.environment.gpu = std::move(*opened);
  }
  return {cuda::make_studio(call.environment.gpu), {}};
}

std::string after_failure(StageCall& call, Status& failed) {
  const Error error = failed.error();
  if (error.code == ErrorCode::unavailable && !call.environment.device_failed) {
    call.environment.device_failed = true;
    failed = fail(ErrorCode::unavailable, "the GPU failed: " + error.message);
  }
  const bool may_do_without = call.task.options.hardware != HardwareMode::required;
  return error.code == ErrorCode::resource_exhausted && may_do_without ? error.message : std::string();
}

void tell_drawing(StageCall& call, const Drawing& drawing) {
  if (drawing.problem.empty() || !call.result.fallback_reason.empty()) return;
  call.result.fallback_reason = "the CPU drew the frames: " + drawing.problem;
}

}  // namespace vivid::render
