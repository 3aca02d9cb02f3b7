// One GPU that draws: its context, its kernels, and memory of it within a bound. Opened once a process and kept warm.
//
// Threads: any. Ownership: shared by everything that holds memory of it. Errors: unsupported where there is no driver,
// no GPU, or no kernel for it; resource_exhausted beyond the bound; unavailable when the GPU is lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/cuda/api.h"

namespace vivid::render::cuda {

// The kernels this program was built with; empty: there was no nvcc.
std::span<const unsigned char> built_kernels();

struct DeviceOptions {
  std::string library = "libcuda.so.1";
  int index = 0;  // among those that CUDA shows
  std::span<const unsigned char> kernels = built_kernels();
  // Of everything: canvases, pictures, and what lies ready to be used again.
  std::size_t memory_bytes = std::size_t{2} << 30;
};

class Device;

// Device memory that goes back to its device's pool.
class Buffer {
 public:
  Buffer() = default;
  Buffer(std::shared_ptr<Device> device, Address address, std::size_t bytes);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  Address address() const { return address_; }
  std::size_t size_bytes() const { return bytes_; }

 private:
  std::shared_ptr<Device> device_;
  Address address_ = 0;
  std::size_t bytes_ = 0;
};

class Device : public std::enable_shared_from_this<Device> {
 public:
  static Result<std::shared_ptr<Device>> open(const DeviceOptions& options);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  // Makes the device the calling thread's for as long as it lives.
  class Current {
   public:
    explicit Current(const Device& device);
    ~Current();
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;
    const Status& status() const { return status_; }

   private:
    const Device& device_;
    Status status_;
  };

  const Api& api() const { return *api_; }
  const std::string& name() const { return name_; }
  // Work of nobody else's may still be going on in it: whoever gives a buffer back has waited for his own.
  Result<Buffer> allocate(std::size_t bytes);
  std::size_t allocated_bytes() const;

  template <typename Job>
  Status launch(const char* kernel, Job job, unsigned runs, unsigned rows, Stream stream) const {
    void* arguments[] = {&job};
    return launch_any(kernel, arguments, runs, rows, stream);
  }

 private:
  friend class Buffer;
  Device() = default;
  Status start(const DeviceOptions& options);
  Status launch_any(const char* kernel, void** arguments, unsigned runs, unsigned rows, Stream stream) const;
  void give_back(Address address, std::size_t bytes);
  void free_spare();

  std::shared_ptr<const Api> api_;
  std::string name_;
  int number_ = 0;
  Context context_ = nullptr;
  Module module_ = nullptr;
  std::map<std::string, Function, std::less<>> kernels_;
  std::size_t most_bytes_ = 0;
  mutable std::mutex mutex_;
  std::size_t allocated_bytes_ = 0;                    // in use and spare
  std::map<std::size_t, std::vector<Address>> spare_;  // by size
};

}  // namespace vivid::render::cuda
