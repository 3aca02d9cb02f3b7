#include "render/gpu/cuda_driver.h"

#include <array>
#include <cstdio>

#include "render/gpu/shared_library.h"

namespace vivid::render {
namespace {

// As cuda.h has them.
constexpr int kSuccess = 0;
constexpr int kNoDevice = 100;
struct Uuid {
  unsigned char bytes[16];
};

struct Functions {
  int (*init)(unsigned) = nullptr;
  int (*version)(int*) = nullptr;
  int (*count)(int*) = nullptr;
  int (*get)(int*, int) = nullptr;
  int (*name)(char*, int, int) = nullptr;
  int (*uuid)(Uuid*, int) = nullptr;
  int (*mig_uuid)(Uuid*, int) = nullptr;  // of an instance, where the device is one; else as uuid
  int (*compute)(int*, int*, int) = nullptr;
  int (*memory)(std::size_t*, int) = nullptr;
  int (*error_name)(int, const char**) = nullptr;
};

template <typename Function>
void look_up(const SharedLibrary& library, const char* name, Function*& to) {
  to = library.find<Function>(name);
}

Functions find_functions(const SharedLibrary& library) {
  Functions all;
  look_up(library, "cuInit", all.init);
  look_up(library, "cuDriverGetVersion", all.version);
  look_up(library, "cuDeviceGetCount", all.count);
  look_up(library, "cuDeviceGet", all.get);
  look_up(library, "cuDeviceGetName", all.name);
  look_up(library, "cuDeviceGetUuid", all.uuid);
  look_up(library, "cuDeviceGetUuid_v2", all.mig_uuid);
  look_up(library, "cuDeviceComputeCapability", all.compute);
  look_up(library, "cuDeviceTotalMem_v2", all.memory);
  look_up(library, "cuGetErrorName", all.error_name);
  return all;
}

std::string error_text(const Functions& call, int code) {
  const char* name = nullptr;
  if (call.error_name != nullptr) call.error_name(code, &name);
  return std::string(name == nullptr ? "an unknown error" : name) + " (" + std::to_string(code) + ")";
}

std::string uuid_text(const char* prefix, const Uuid& uuid) {
  std::string text(prefix);
  for (std::size_t i = 0; i < sizeof(uuid.bytes); ++i) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", uuid.bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += hex.data();
  }
  return text;
}

// An instance of a GPU that is divided has a UUID of its own, which is another one than its GPU's.
std::string uuid_of(const Functions& call, int device, bool& mig) {
  Uuid whole{};
  Uuid instance{};
  if (call.uuid == nullptr || call.uuid(&whole, device) != kSuccess) return {};
  const bool divided = call.mig_uuid != nullptr && call.mig_uuid(&instance, device) == kSuccess &&
                       uuid_text("", instance) != uuid_text("", whole);
  mig = divided;
  return divided ? uuid_text("MIG-", instance) : uuid_text("GPU-", whole);
}

GpuDevice describe(const Functions& call, int device) {
  GpuDevice found;
  std::array<char, 256> name{};
  if (call.name != nullptr && call.name(name.data(), static_cast<int>(name.size() - 1), device) == kSuccess) {
    found.name = name.data();
  }
  found.uuid = uuid_of(call, device, found.mig);
  int major = 0;
  int minor = 0;
  if (call.compute != nullptr && call.compute(&major, &minor, device) == kSuccess) {
    found.compute = std::to_string(major) + "." + std::to_string(minor);
  }
  std::size_t bytes = 0;
  if (call.memory != nullptr && call.memory(&bytes, device) == kSuccess) found.memory_bytes = bytes;
  return found;
}

void list_devices(const Functions& call, CudaView& view) {
  int count = 0;
  const int counted = call.count(&count);
  if (counted != kSuccess) {
    view.state = GpuState::broken;
    view.words = "CUDA cannot count its GPUs: " + error_text(call, counted);
    return;
  }
  for (int i = 0; i < count; ++i) {
    int device = 0;
    if (call.get(&device, i) == kSuccess) view.devices.push_back(describe(call, device));
  }
}

}  // namespace

CudaView look_at_cuda() {
  CudaView view;
  const auto library = SharedLibrary::open("libcuda.so.1");
  if (!library) {
    return {GpuState::no_driver, "no NVIDIA driver is installed: libcuda.so.1 cannot be loaded", {}, {}};
  }
  const Functions call = find_functions(*library);
  if (call.init == nullptr || call.count == nullptr || call.get == nullptr) {
    return {GpuState::broken, "libcuda.so.1 is not NVIDIA's driver: it lacks cuInit", {}, {}};
  }
  int version = 0;
  if (call.version != nullptr && call.version(&version) == kSuccess) {
    view.version = std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
  }
  const int started = call.init(0);
  if (started == kSuccess) {
    list_devices(call, view);
  } else if (started != kNoDevice) {
    view.state = GpuState::broken;
    view.words = "CUDA does not start: " + error_text(call, started);
  }
  if (view.state == GpuState::ready && view.devices.empty()) {
    view.state = GpuState::no_device;
    view.words =
        "the NVIDIA driver is there, but shows no GPU to this process (none is built in, CUDA_VISIBLE_DEVICES "
        "hides it, or the container was not given one)";
  }
  return view;
}

}  // namespace vivid::render
