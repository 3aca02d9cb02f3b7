#include "render/cuda/line.h"

#include <algorithm>
#include <utility>

namespace vivid::render::cuda {
namespace {

// What is kept beyond this waits for the GPU.
constexpr std::size_t kMostKept = 256;
constexpr std::size_t kMostSparePinned = 4;

}  // namespace

Result<Pinned> Pinned::allocate(std::shared_ptr<Device> device, std::size_t bytes) {
  const Device::Current current(*device);
  VIVID_TRY(current.status());
  void* data = nullptr;
  VIVID_TRY(device->api().check(device->api().allocate_pinned(&data, bytes, 0), "allocate pinned memory"));
  Pinned pinned;
  pinned.device_ = std::move(device);
  pinned.data_ = static_cast<std::byte*>(data);
  pinned.bytes_ = bytes;
  return pinned;
}

Pinned::Pinned(Pinned&& other) noexcept { *this = std::move(other); }

Pinned& Pinned::operator=(Pinned&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Pinned::~Pinned() {
  if (data_ == nullptr) return;
  const Device::Current current(*device_);
  if (current.status().has_value()) device_->api().free_pinned(data_);
}

Result<Moment> Moment::make(std::shared_ptr<Device> device) {
  Moment moment;
  VIVID_TRY(device->api().check(device->api().make_event(&moment.event_, kEventWithoutTime), "make an event"));
  moment.device_ = std::move(device);
  return moment;
}

Moment::Moment(Moment&& other) noexcept { *this = std::move(other); }

Moment& Moment::operator=(Moment&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(event_, other.event_);
  return *this;
}

Moment::~Moment() {
  if (device_ == nullptr) return;
  const Device::Current current(*device_);
  if (current.status().has_value()) device_->api().destroy_event(event_);
}

Result<std::shared_ptr<Line>> Line::open(std::shared_ptr<Device> device) {
  std::shared_ptr<Line> line(new Line(std::move(device)));
  VIVID_TRY(line->start());
  return line;
}

Status Line::start() {
  const Device::Current current(*device_);
  VIVID_TRY(current.status());
  const Api& api = device_->api();
  VIVID_TRY(api.check(api.make_stream(&drawing_, kStreamOfItsOwn), "make a stream"));
  VIVID_TRY(api.check(api.make_stream(&bringing_, kStreamOfItsOwn), "make a stream"));
  for (Slot& slot : slots_) {
    VIVID_ASSIGN(slot.read, Moment::make(device_));
  }
  return {};
}

Line::~Line() {
  const Device::Current current(*device_);
  if (!current.status().has_value()) return;
  const Api& api = device_->api();
  for (const Stream stream : {bringing_, drawing_}) {
    if (stream == nullptr) continue;
    api.wait_for_stream(stream);
    api.destroy_stream(stream);
  }
}

Result<std::shared_ptr<const Upload>> Line::bring(std::size_t bytes, const std::function<void(std::byte*)>& write) {
  const Device::Current current(*device_);
  VIVID_TRY(current.status());
  const Api& api = device_->api();
  Slot& slot = slots_[next_slot_++ % slots_.size()];
  if (slot.in_use) VIVID_TRY(api.check(api.wait_for_event(slot.read.event()), "bring a picture over"));
  slot.in_use = false;
  if (slot.memory.size_bytes() < bytes) {
    slot.memory = Pinned();
    VIVID_ASSIGN(slot.memory, Pinned::allocate(device_, bytes));
  }
  write(slot.memory.data());
  auto upload = std::make_shared<Upload>();
  VIVID_ASSIGN(upload->buffer, device_->allocate(bytes));
  VIVID_ASSIGN(upload->there, Moment::make(device_));
  VIVID_TRY(
      api.check(api.upload(upload->buffer.address(), slot.memory.data(), bytes, bringing_), "bring a picture over"));
  slot.in_use = true;
  VIVID_TRY(api.check(api.record(slot.read.event(), bringing_), "record an event"));
  VIVID_TRY(api.check(api.record(upload->there.event(), bringing_), "record an event"));
  return std::shared_ptr<const Upload>(std::move(upload));
}

Status Line::use(std::shared_ptr<const Upload> upload) {
  if (std::find(used_.begin(), used_.end(), upload) != used_.end()) return {};
  if (used_.size() >= kMostKept) VIVID_TRY(wait());
  const Device::Current current(*device_);
  VIVID_TRY(current.status());
  const Api& api = device_->api();
  VIVID_TRY(api.check(api.let_stream_wait(drawing_, upload->there.event(), 0), "wait for a picture"));
  used_.push_back(std::move(upload));
  return {};
}

void Line::keep(Buffer buffer) {
  // On failure the stream is at its end in any case.
  if (kept_.size() >= kMostKept) static_cast<void>(wait().has_value());
  kept_.push_back(std::move(buffer));
}

Status Line::wait() {
  const Device::Current current(*device_);
  VIVID_TRY(current.status());
  const Api& api = device_->api();
  VIVID_TRY(api.check(api.wait_for_stream(drawing_), "draw"));
  used_.clear();
  kept_.clear();
  return {};
}

Result<Pinned> Line::take_pinned(std::size_t bytes) {
  const auto fits = std::find_if(spare_pinned_.begin(), spare_pinned_.end(),
                                 [bytes](const Pinned& pinned) { return pinned.size_bytes() == bytes; });
  if (fits == spare_pinned_.end()) return Pinned::allocate(device_, bytes);
  Pinned found = std::move(*fits);
  spare_pinned_.erase(fits);
  return found;
}

void Line::return_pinned(Pinned pinned) {
  if (pinned.data() != nullptr && spare_pinned_.size() < kMostSparePinned) spare_pinned_.push_back(std::move(pinned));
}

}  // namespace vivid::render::cuda
