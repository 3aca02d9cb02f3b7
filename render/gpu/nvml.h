// What NVIDIA's management library says of the GPUs: facts, and what they are doing. It sees every GPU of the host,
// whatever CUDA_VISIBLE_DEVICES says, and asking it starts nothing on them.
//
// Threads: one object, one thread. Errors: unsupported where there is no such library, unavailable where it refuses.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/protocol/gpu_report.h"

namespace vivid::render {

class Nvml {
 public:
  static Result<std::unique_ptr<Nvml>> open();
  ~Nvml();

  // 550.54.14
  std::string driver_version() const;
  // One for each GPU; of one that does not answer, why.
  std::vector<GpuGauges> gauges() const;
  // Whether MIG is on; false also where the GPU knows no MIG.
  bool is_mig(const std::string& uuid) const;

 private:
  struct State;
  explicit Nvml(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
