// The GPUs of the stand-in driver, as CUDA_VISIBLE_DEVICES shows them, and the encoder sessions they give out.
//
// Threads: any. A session is a lock on a file of the shared folder: it ends with its process, however that ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace vivid::stand_in {

// What a CUcontext of ours points to.
struct Context {
  int gpu = 0;  // physical
};

std::string uuid_of(int gpu);
// Physical numbers by the numbers that CUDA gives them; empty when CUDA_VISIBLE_DEVICES names none that is there.
std::vector<int> visible_gpus();

// Slots of encoder sessions, held until they are destroyed.
class SessionSlot {
 public:
  // Nothing: the GPU's or the system's limit is reached.
  static std::optional<SessionSlot> take(int gpu);
  SessionSlot(SessionSlot&& other) noexcept;
  SessionSlot& operator=(SessionSlot&&) = delete;
  ~SessionSlot();

 private:
  SessionSlot(int gpu_file, int system_file) : gpu_file_(gpu_file), system_file_(system_file) {}
  int gpu_file_;
  int system_file_;
};

// Held now, by whatever process.
int sessions_in_use(int gpu);

}  // namespace vivid::stand_in
