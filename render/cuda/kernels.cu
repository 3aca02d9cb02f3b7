#include "render/cuda/threads.h"

namespace vivid::render::cuda {

#define VIVID_KERNEL(name, Job, thread)                                                            \
  extern "C" __global__ void name(const Job job) {                                                 \
    thread(job, static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x),                           \
           static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y), static_cast<int>(blockIdx.z)); \
  }

VIVID_KERNEL(vivid_blend, BlendJob, blend_thread)
VIVID_KERNEL(vivid_put_layer, LayerJob, layer_thread)
VIVID_KERNEL(vivid_film, FilmJob, film_thread)
VIVID_KERNEL(vivid_pack, PackJob, pack_thread)

}  // namespace vivid::render::cuda
