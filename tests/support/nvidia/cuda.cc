// libcuda.so.1 of the stand-in driver: device memory is plain memory. What has a stream of its
// own is done as late as the order allows: see streams.h.
#include <ffnvcodec/dynlink_cuda.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/support/nvidia/control.h"
#include "tests/support/nvidia/device.h"
#include "tests/support/nvidia/streams.h"

#define STAND_IN_API __attribute__((visibility("default"))) CUresult

namespace stand_in = vivid::stand_in;

namespace {

// As cuda.h numbers them; the public subset names only three.
constexpr int kInvalidValue = 1;
constexpr int kOutOfMemory = 2;
constexpr int kNoDevice = 100;
constexpr int kInvalidDevice = 101;
constexpr int kInvalidContext = 201;
constexpr int kEccUncorrectable = 214;
constexpr int kNotSupported = 801;
constexpr int kLost = CUDA_ERROR_UNKNOWN;
constexpr long long kMemoryBytes = 8LL << 30;

thread_local std::vector<stand_in::Context*> contexts;
using stand_in::current_gpu;

CUresult result(int code) { return static_cast<CUresult>(code); }
stand_in::Context* context_of(CUcontext context) { return reinterpret_cast<stand_in::Context*>(context); }
CUcontext handle_of(stand_in::Context* context) { return reinterpret_cast<CUcontext>(context); }
void* memory(CUdeviceptr pointer) { return reinterpret_cast<void*>(pointer); }

// The result of a call that nothing but the rules can make fail.
template <typename Work>
CUresult unless_disturbed(const char* function, int gpu, Work&& work) {
  if (const auto code = stand_in::disturb(function, gpu, kLost)) return result(*code);
  work();
  return CUDA_SUCCESS;
}

int physical(CUdevice device) {
  const std::vector<int> gpus = stand_in::visible_gpus();
  return device >= 0 && device < static_cast<int>(gpus.size()) ? gpus[static_cast<std::size_t>(device)] : -1;
}

CUresult make_context(CUcontext* context, CUdevice device, const char* function) {
  const int gpu = physical(device);
  if (gpu < 0) return result(kInvalidDevice);
  return unless_disturbed(function, gpu, [&] { *context = handle_of(new stand_in::Context{gpu}); });
}

void copy_rows(const CUDA_MEMCPY2D& copy) {
  const auto* from =
      static_cast<const char*>(copy.srcMemoryType == CU_MEMORYTYPE_HOST ? copy.srcHost : memory(copy.srcDevice));
  auto* to = static_cast<char*>(copy.dstMemoryType == CU_MEMORYTYPE_HOST ? copy.dstHost : memory(copy.dstDevice));
  from += copy.srcY * copy.srcPitch + copy.srcXInBytes;
  to += copy.dstY * copy.dstPitch + copy.dstXInBytes;
  for (std::size_t row = 0; row < copy.Height; ++row) {
    std::memcpy(to + row * copy.dstPitch, from + row * copy.srcPitch, copy.WidthInBytes);
  }
}

struct Name {
  int code;
  const char* name;
  const char* text;
};
constexpr Name kNames[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {kInvalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {kNoDevice, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {kInvalidDevice, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {kInvalidContext, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {kEccUncorrectable, "CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
    {kNotSupported, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {kLost, "CUDA_ERROR_UNKNOWN", "unknown error"},
};
const Name* find_name(CUresult error) {
  for (const Name& name : kNames) {
    if (name.code == static_cast<int>(error)) return &name;
  }
  return nullptr;
}

}  // namespace

int vivid::stand_in::current_gpu() {
  return contexts.empty() || contexts.back() == nullptr ? -1 : contexts.back()->gpu;
}

extern "C" {

STAND_IN_API cuInit(unsigned) {
  if (const auto code = stand_in::disturb("cuInit", -1, kLost)) return result(*code);
  return stand_in::visible_gpus().empty() ? result(kNoDevice) : CUDA_SUCCESS;
}
STAND_IN_API cuDriverGetVersion(int* version) {
  return unless_disturbed("cuDriverGetVersion", -1, [&] { *version = stand_in::read_control().settings.cuda_version; });
}
STAND_IN_API cuDeviceGetCount(int* count) {
  return unless_disturbed("cuDeviceGetCount", -1, [&] { *count = static_cast<int>(stand_in::visible_gpus().size()); });
}
STAND_IN_API cuDeviceGet(CUdevice* device, int ordinal) {
  const int gpu = physical(ordinal);
  if (gpu < 0) return result(kInvalidDevice);
  return unless_disturbed("cuDeviceGet", gpu, [&] { *device = ordinal; });
}
STAND_IN_API cuDeviceGetName(char* name, int size, CUdevice device) {
  return unless_disturbed("cuDeviceGetName", physical(device), [&] {
    std::snprintf(name, static_cast<std::size_t>(size), "%s", stand_in::read_control().settings.name.c_str());
  });
}
STAND_IN_API cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  return unless_disturbed("cuDeviceGetUuid", physical(device), [&] {
    std::string digits;
    for (const char c : stand_in::uuid_of(physical(device)).substr(4)) {
      if (c != '-') digits += c;
    }
    for (std::size_t i = 0; i < sizeof(uuid->bytes); ++i) {
      uuid->bytes[i] = static_cast<char>(std::stoi(digits.substr(2 * i, 2), nullptr, 16));
    }
  });
}
STAND_IN_API cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  return unless_disturbed("cuDeviceComputeCapability", physical(device), [&] {
    *major = stand_in::read_control().settings.compute_major;
    *minor = stand_in::read_control().settings.compute_minor;
  });
}
STAND_IN_API cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  return unless_disturbed("cuDeviceGetAttribute", physical(device), [&] {
    const stand_in::Settings settings = stand_in::read_control().settings;
    *value = attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR   ? settings.compute_major
             : attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR ? settings.compute_minor
             : attribute == CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT        ? 512
                                                                         : 1;
  });
}
STAND_IN_API cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
  return unless_disturbed("cuDeviceTotalMem_v2", physical(device), [&] { *bytes = kMemoryBytes; });
}

STAND_IN_API cuCtxCreate_v2(CUcontext* context, unsigned, CUdevice device) {
  const CUresult made = make_context(context, device, "cuCtxCreate_v2");
  if (made == CUDA_SUCCESS) contexts.push_back(context_of(*context));
  return made;
}
STAND_IN_API cuCtxDestroy_v2(CUcontext context) {
  std::erase(contexts, context_of(context));
  delete context_of(context);
  return CUDA_SUCCESS;
}
STAND_IN_API cuCtxPushCurrent_v2(CUcontext context) {
  if (context == nullptr) return result(kInvalidContext);
  return unless_disturbed("cuCtxPushCurrent_v2", context_of(context)->gpu,
                          [&] { contexts.push_back(context_of(context)); });
}
STAND_IN_API cuCtxPopCurrent_v2(CUcontext* context) {
  if (contexts.empty()) return result(kInvalidContext);
  if (context != nullptr) *context = handle_of(contexts.back());
  contexts.pop_back();
  return CUDA_SUCCESS;
}
STAND_IN_API cuCtxGetDevice(CUdevice* device) {
  if (contexts.empty()) return result(kInvalidContext);
  *device = 0;
  const std::vector<int> gpus = stand_in::visible_gpus();
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    if (gpus[i] == current_gpu()) *device = static_cast<int>(i);
  }
  return CUDA_SUCCESS;
}
STAND_IN_API cuCtxSetLimit(CUlimit, std::size_t) { return CUDA_SUCCESS; }
STAND_IN_API cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  return make_context(context, device, "cuDevicePrimaryCtxRetain");
}
STAND_IN_API cuDevicePrimaryCtxRelease(CUdevice) { return CUDA_SUCCESS; }
STAND_IN_API cuDevicePrimaryCtxSetFlags(CUdevice, unsigned) { return CUDA_SUCCESS; }
STAND_IN_API cuDevicePrimaryCtxGetState(CUdevice, unsigned* flags, int* active) {
  *flags = 0;
  *active = 0;
  return CUDA_SUCCESS;
}
STAND_IN_API cuDevicePrimaryCtxReset(CUdevice) { return CUDA_SUCCESS; }

STAND_IN_API cuMemAlloc_v2(CUdeviceptr* pointer, std::size_t bytes) {
  if (const auto code = stand_in::disturb("cuMemAlloc_v2", current_gpu(), kLost)) return result(*code);
  *pointer = reinterpret_cast<CUdeviceptr>(std::malloc(bytes));
  return *pointer == 0 ? result(kOutOfMemory) : CUDA_SUCCESS;
}
STAND_IN_API cuMemAllocPitch_v2(CUdeviceptr* pointer, std::size_t* pitch, std::size_t width, std::size_t height,
                                unsigned) {
  constexpr std::size_t kAlignment = 512;
  *pitch = (width + kAlignment - 1) / kAlignment * kAlignment;
  return cuMemAlloc_v2(pointer, *pitch * height);
}
STAND_IN_API cuMemAllocManaged(CUdeviceptr* pointer, std::size_t bytes, unsigned) {
  return cuMemAlloc_v2(pointer, bytes);
}
STAND_IN_API cuMemFree_v2(CUdeviceptr pointer) {
  stand_in::finish_all();
  std::free(memory(pointer));
  return CUDA_SUCCESS;
}
STAND_IN_API cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return unless_disturbed("cuMemGetInfo_v2", current_gpu(), [&] { *free = *total = kMemoryBytes; });
}
STAND_IN_API cuMemsetD8Async(CUdeviceptr pointer, unsigned char value, std::size_t bytes, CUstream) {
  return unless_disturbed("cuMemsetD8Async", current_gpu(), [&] { std::memset(memory(pointer), value, bytes); });
}
STAND_IN_API cuMemcpy(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  return unless_disturbed("cuMemcpy", current_gpu(), [&] { std::memcpy(memory(to), memory(from), bytes); });
}
STAND_IN_API cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream) {
  return cuMemcpy(to, from, bytes);
}
STAND_IN_API cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) { return cuMemcpy(to, from, bytes); }
STAND_IN_API cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return unless_disturbed("cuMemcpyDtoDAsync_v2", current_gpu(),
                          [&] { stand_in::do_in(stream, [=] { std::memcpy(memory(to), memory(from), bytes); }); });
}
STAND_IN_API cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, std::size_t bytes) {
  return unless_disturbed("cuMemcpyHtoD_v2", current_gpu(), [&] { std::memcpy(memory(to), from, bytes); });
}
STAND_IN_API cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
  return unless_disturbed("cuMemcpyHtoDAsync_v2", current_gpu(),
                          [&] { stand_in::do_in(stream, [=] { std::memcpy(memory(to), from, bytes); }); });
}
STAND_IN_API cuMemcpyDtoH_v2(void* to, CUdeviceptr from, std::size_t bytes) {
  return unless_disturbed("cuMemcpyDtoH_v2", current_gpu(), [&] { std::memcpy(to, memory(from), bytes); });
}
STAND_IN_API cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes, CUstream) {
  return cuMemcpyDtoH_v2(to, from, bytes);
}
STAND_IN_API cuMemcpy2D_v2(const CUDA_MEMCPY2D* copy) {
  return unless_disturbed("cuMemcpy2D_v2", current_gpu(), [&] { copy_rows(*copy); });
}
STAND_IN_API cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* copy, CUstream stream) {
  return unless_disturbed("cuMemcpy2DAsync_v2", current_gpu(),
                          [&] { stand_in::do_in(stream, [rows = *copy] { copy_rows(rows); }); });
}

STAND_IN_API cuGetErrorName(CUresult error, const char** text) {
  const Name* name = find_name(error);
  *text = name == nullptr ? "CUDA_ERROR" : name->name;
  return CUDA_SUCCESS;
}
STAND_IN_API cuGetErrorString(CUresult error, const char** text) {
  const Name* name = find_name(error);
  *text = name == nullptr ? "an error" : name->text;
  return CUDA_SUCCESS;
}

// FFmpeg looks for these by name and does not call them where pictures only go to the encoder.
#define STAND_IN_LACKS(function) \
  STAND_IN_API function() { return result(kNotSupported); }
STAND_IN_LACKS(cuLinkCreate)
STAND_IN_LACKS(cuLinkAddData)
STAND_IN_LACKS(cuLinkComplete)
STAND_IN_LACKS(cuLinkDestroy)
STAND_IN_LACKS(cuModuleGetGlobal)
STAND_IN_LACKS(cuTexObjectCreate)
STAND_IN_LACKS(cuTexObjectDestroy)
STAND_IN_LACKS(cuGLGetDevices_v2)
STAND_IN_LACKS(cuGraphicsGLRegisterImage)
STAND_IN_LACKS(cuGraphicsUnregisterResource)
STAND_IN_LACKS(cuGraphicsMapResources)
STAND_IN_LACKS(cuGraphicsUnmapResources)
STAND_IN_LACKS(cuGraphicsSubResourceGetMappedArray)
STAND_IN_LACKS(cuGraphicsResourceGetMappedPointer_v2)
STAND_IN_LACKS(cuArray3DCreate_v2)
STAND_IN_LACKS(cuArrayDestroy)

}  // extern "C"
