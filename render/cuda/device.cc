#include "render/cuda/device.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "render/cuda/jobs.h"

namespace vivid::render::cuda {
namespace {

// Buffers of about the same size take one another's place.
constexpr std::size_t kGrain = std::size_t{64} << 10;
// Of a block of threads: runs of a row, and rows.
constexpr unsigned kBlockRuns = 32;
constexpr unsigned kBlockRows = 8;
constexpr unsigned kPlanes = 3;

}  // namespace

Buffer::Buffer(std::shared_ptr<Device> device, Address address, std::size_t bytes)
    : device_(std::move(device)), address_(address), bytes_(bytes) {}

Buffer::Buffer(Buffer&& other) noexcept
    : device_(std::move(other.device_)), address_(other.address_), bytes_(other.bytes_) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(address_, other.address_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Buffer::~Buffer() {
  if (device_ != nullptr) device_->give_back(address_, bytes_);
}

Device::Current::Current(const Device& device)
    : device_(device), status_(device.api().check(device.api().push(device.context_), "use the GPU")) {}

Device::Current::~Current() {
  Context popped = nullptr;
  if (status_.has_value()) device_.api().pop(&popped);
}

Result<std::shared_ptr<Device>> Device::open(const DeviceOptions& options) {
  if (options.kernels.empty()) {
    return fail(ErrorCode::unsupported, "this program was built without nvcc: it draws on the CPU");
  }
  std::shared_ptr<Device> device(new Device());
  VIVID_ASSIGN(device->api_, load_api(options.library));
  VIVID_TRY(device->start(options));
  return device;
}

Status Device::start(const DeviceOptions& options) {
  most_bytes_ = options.memory_bytes;
  int count = 0;
  VIVID_TRY(api_->check(api_->init(0), "start"));
  VIVID_TRY(api_->check(api_->device_count(&count), "count its GPUs"));
  if (options.index >= count) {
    return fail(ErrorCode::unsupported, "CUDA shows " + std::to_string(count) + " GPUs, number " +
                                            std::to_string(options.index) + " was asked for");
  }
  VIVID_TRY(api_->check(api_->device_get(&number_, options.index), "find the GPU"));
  std::array<char, 256> name{};
  VIVID_TRY(api_->check(api_->device_name(name.data(), static_cast<int>(name.size()) - 1, number_), "name the GPU"));
  name_ = name.data();
  VIVID_TRY(api_->check(api_->retain(&context_, number_), "open the GPU"));
  const Current current(*this);
  VIVID_TRY(current.status());
  VIVID_TRY(api_->check(api_->load_module(&module_, options.kernels.data()), "load the kernels"));
  for (const char* kernel : {kBlendName, kLayerName, kFilmName, kPackName}) {
    VIVID_TRY(api_->check(api_->find_function(&kernels_[kernel], module_, kernel), "find a kernel"));
  }
  return {};
}

Device::~Device() {
  if (context_ == nullptr) return;
  free_spare();
  {
    const Current current(*this);
    if (module_ != nullptr && current.status().has_value()) api_->unload_module(module_);
  }
  api_->release(number_);
}

Result<Buffer> Device::allocate(std::size_t bytes) {
  const std::size_t rounded = (bytes + kGrain - 1) / kGrain * kGrain;
  const std::lock_guard lock(mutex_);
  const auto there = spare_.find(rounded);
  if (there != spare_.end() && !there->second.empty()) {
    const Address address = there->second.back();
    there->second.pop_back();
    return Buffer(shared_from_this(), address, rounded);
  }
  if (allocated_bytes_ + rounded > most_bytes_) free_spare();
  if (allocated_bytes_ + rounded > most_bytes_) {
    return fail(ErrorCode::resource_exhausted,
                "drawing would take more than " + std::to_string(most_bytes_ >> 20) + " MiB of the GPU's memory");
  }
  const Current current(*this);
  VIVID_TRY(current.status());
  Address address = 0;
  VIVID_TRY(api_->check(api_->allocate(&address, rounded), "allocate memory"));
  allocated_bytes_ += rounded;
  return Buffer(shared_from_this(), address, rounded);
}

std::size_t Device::allocated_bytes() const {
  const std::lock_guard lock(mutex_);
  return allocated_bytes_;
}

void Device::give_back(Address address, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  spare_[bytes].push_back(address);
}

void Device::free_spare() {
  const Current current(*this);
  for (auto& [bytes, addresses] : spare_) {
    for (const Address address : addresses) {
      if (current.status().has_value()) api_->free(address);
      allocated_bytes_ -= bytes;
    }
  }
  spare_.clear();
}

Status Device::launch_any(const char* kernel, void** arguments, unsigned runs, unsigned rows, Stream stream) const {
  const auto found = kernels_.find(std::string_view(kernel));
  VIVID_CHECK(found != kernels_.end());
  if (runs == 0 || rows == 0) return {};
  return api_->check(
      api_->launch(found->second, (runs + kBlockRuns - 1) / kBlockRuns, (rows + kBlockRows - 1) / kBlockRows, kPlanes,
                   kBlockRuns, kBlockRows, 1, 0, stream, arguments, nullptr),
      "launch a kernel");
}

}  // namespace vivid::render::cuda
