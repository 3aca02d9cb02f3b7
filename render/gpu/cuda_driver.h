// The GPUs that CUDA shows to this process.
//
// Threads: free function. Errors: values; see GpuState.
#pragma once

#include <string>
#include <vector>

#include "render/protocol/gpu_report.h"

namespace vivid::render {

struct CudaView {
  GpuState state = GpuState::ready;  // ready, no_driver, no_device or broken
  std::string words;                 // why it is not ready
  std::string version;               // of CUDA that the driver supports: 12.4
  std::vector<GpuDevice> devices;    // in CUDA's order, encoders not looked at
};

CudaView look_at_cuda();

}  // namespace vivid::render
