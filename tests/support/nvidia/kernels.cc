// The stand-in GPU's processors: kernels are what this machine's compiler makes of the same source, thread by thread.
#include <ffnvcodec/dynlink_cuda.h>

#include <cstdlib>
#include <cstring>

#include "render/cuda/threads.h"
#include "tests/support/nvidia/control.h"
#include "tests/support/nvidia/streams.h"

#define STAND_IN_API __attribute__((visibility("default"))) CUresult

namespace stand_in = vivid::stand_in;

namespace {

using namespace vivid::render::cuda;
constexpr int kInvalidImage = 200;
constexpr int kNotFound = 500;
constexpr int kLost = CUDA_ERROR_UNKNOWN;

struct Grid {
  unsigned x, y, z;
};

template <typename Job, void (*thread)(const Job&, int, int, int)>
void run_grid(const void* argument, const Grid& threads, CUstream stream) {
  // Arguments are read when a kernel is launched, not when it runs.
  Job job;
  std::memcpy(&job, argument, sizeof(job));
  stand_in::do_in(stream, [job, threads] {
    // In an order that no kernel may rely on.
    for (unsigned z = threads.z; z-- > 0;) {
      for (unsigned y = threads.y; y-- > 0;) {
        for (unsigned x = threads.x; x-- > 0;) {
          thread(job, static_cast<int>(x), static_cast<int>(y), static_cast<int>(z));
        }
      }
    }
  });
}

struct Kernel {
  const char* name;
  void (*run)(const void* argument, const Grid& threads, CUstream stream);
};
constexpr Kernel kKernels[] = {
    {kBlendName, &run_grid<BlendJob, &blend_thread>},
    {kLayerName, &run_grid<LayerJob, &layer_thread>},
    {kFilmName, &run_grid<FilmJob, &film_thread>},
    {kPackName, &run_grid<PackJob, &pack_thread>},
};

CUresult result(int code) { return static_cast<CUresult>(code); }

}  // namespace

extern "C" {

// Whatever the image holds: what runs is what this library was built with.
STAND_IN_API cuModuleLoadData(CUmodule* module, const void* image) {
  if (const auto code = stand_in::disturb("cuModuleLoadData", stand_in::current_gpu(), kLost)) return result(*code);
  if (image == nullptr) return result(kInvalidImage);
  *module = reinterpret_cast<CUmodule>(const_cast<void*>(image));
  return CUDA_SUCCESS;
}
STAND_IN_API cuModuleUnload(CUmodule) { return CUDA_SUCCESS; }
STAND_IN_API cuModuleGetFunction(CUfunction* function, CUmodule, const char* name) {
  if (const auto code = stand_in::disturb("cuModuleGetFunction", stand_in::current_gpu(), kLost)) return result(*code);
  for (const Kernel& kernel : kKernels) {
    if (std::strcmp(kernel.name, name) != 0) continue;
    *function = reinterpret_cast<CUfunction>(const_cast<Kernel*>(&kernel));
    return CUDA_SUCCESS;
  }
  return result(kNotFound);
}
STAND_IN_API cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                            unsigned block_y, unsigned block_z, unsigned, CUstream stream, void** arguments, void**) {
  if (const auto code = stand_in::disturb("cuLaunchKernel", stand_in::current_gpu(), kLost)) return result(*code);
  const auto* kernel = reinterpret_cast<const Kernel*>(function);
  kernel->run(arguments[0], {grid_x * block_x, grid_y * block_y, grid_z * block_z}, stream);
  return CUDA_SUCCESS;
}

STAND_IN_API cuMemHostAlloc(void** memory, std::size_t bytes, unsigned) {
  if (const auto code = stand_in::disturb("cuMemHostAlloc", stand_in::current_gpu(), kLost)) return result(*code);
  *memory = std::malloc(bytes);
  return *memory == nullptr ? result(CUDA_ERROR_UNKNOWN) : CUDA_SUCCESS;
}
STAND_IN_API cuMemFreeHost(void* memory) {
  stand_in::finish_all();
  std::free(memory);
  return CUDA_SUCCESS;
}

}  // extern "C"
