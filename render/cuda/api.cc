#include "render/cuda/api.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vivid::render::cuda {
namespace {

constexpr int kOutOfMemory = 2;
// After one of these nothing more can be had of the context: lost, hung, or what it holds is not to be trusted.
constexpr std::array kFatal{3,   4,   46,  101, 201, 214, 219, 220, 226, 700, 701, 702,
                            709, 710, 713, 714, 715, 716, 717, 718, 719, 720, 999};

class Finder {
 public:
  explicit Finder(const SharedLibrary& library) : library_(library) {}

  template <typename Function>
  void find(const char* name, Function*& to) {
    to = library_.find<Function>(name);
    if (to == nullptr && missing_.empty()) missing_ = name;
  }
  const std::string& missing() const { return missing_; }

 private:
  const SharedLibrary& library_;
  std::string missing_;
};

void find_work(Finder& finder, Api& api) {
  finder.find("cuModuleLoadData", api.load_module);
  finder.find("cuModuleUnload", api.unload_module);
  finder.find("cuModuleGetFunction", api.find_function);
  finder.find("cuLaunchKernel", api.launch);
  finder.find("cuMemAlloc_v2", api.allocate);
  finder.find("cuMemFree_v2", api.free);
  finder.find("cuMemHostAlloc", api.allocate_pinned);
  finder.find("cuMemFreeHost", api.free_pinned);
  finder.find("cuMemcpyHtoDAsync_v2", api.upload);
  finder.find("cuMemcpyDtoDAsync_v2", api.copy_device);
  finder.find("cuMemcpy2DAsync_v2", api.copy_2d);
}

void find_order(Finder& finder, Api& api) {
  finder.find("cuStreamCreate", api.make_stream);
  finder.find("cuStreamDestroy_v2", api.destroy_stream);
  finder.find("cuStreamSynchronize", api.wait_for_stream);
  finder.find("cuStreamWaitEvent", api.let_stream_wait);
  finder.find("cuEventCreate", api.make_event);
  finder.find("cuEventDestroy_v2", api.destroy_event);
  finder.find("cuEventRecord", api.record);
  finder.find("cuEventSynchronize", api.wait_for_event);
  finder.find("cuEventElapsedTime", api.elapsed);
}

void find_device(Finder& finder, Api& api) {
  finder.find("cuInit", api.init);
  finder.find("cuDeviceGetCount", api.device_count);
  finder.find("cuDeviceGet", api.device_get);
  finder.find("cuDeviceGetName", api.device_name);
  finder.find("cuDevicePrimaryCtxRetain", api.retain);
  finder.find("cuDevicePrimaryCtxRelease", api.release);
  finder.find("cuCtxPushCurrent_v2", api.push);
  finder.find("cuCtxPopCurrent_v2", api.pop);
  finder.find("cuGetErrorName", api.error_name);
}

}  // namespace

Status Api::check(int code, const char* what) const {
  if (code == 0) return {};
  const char* name = nullptr;
  error_name(code, &name);
  const std::string message = std::string("CUDA cannot ") + what + ": " +
                              (name == nullptr ? "an unknown error" : name) + " (" + std::to_string(code) + ")";
  if (code == kOutOfMemory) return fail(ErrorCode::resource_exhausted, message);
  const bool fatal = std::find(kFatal.begin(), kFatal.end(), code) != kFatal.end();
  return fail(fatal ? ErrorCode::unavailable : ErrorCode::internal, message);
}

Result<std::shared_ptr<const Api>> load_api(const std::string& library) {
  auto opened = SharedLibrary::open(library);
  if (!opened.has_value()) {
    return fail(ErrorCode::unsupported, "no NVIDIA driver is installed: " + library + " cannot be loaded");
  }
  auto api = std::make_shared<Api>();
  api->library = std::make_unique<SharedLibrary>(std::move(*opened));
  Finder finder(*api->library);
  find_device(finder, *api);
  find_work(finder, *api);
  find_order(finder, *api);
  if (!finder.missing().empty()) {
    return fail(ErrorCode::unsupported, "the NVIDIA driver is too old to draw with: it lacks " + finder.missing());
  }
  return std::shared_ptr<const Api>(std::move(api));
}

}  // namespace vivid::render::cuda
