// What one thread has going on a device: a stream that draws, one that brings pictures over meanwhile, and what both
// of them still use.
//
// Threads: one. Ownership: shared by a studio and its canvases; what is kept is let go when the GPU has done with it.
// Errors: those of the device.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/error.h"
#include "render/cuda/device.h"

namespace vivid::render::cuda {

// Memory of this machine that a GPU reads and writes by itself.
class Pinned {
 public:
  static Result<Pinned> allocate(std::shared_ptr<Device> device, std::size_t bytes);
  Pinned() = default;
  Pinned(Pinned&& other) noexcept;
  Pinned& operator=(Pinned&& other) noexcept;
  ~Pinned();

  std::byte* data() const { return data_; }
  std::size_t size_bytes() const { return bytes_; }

 private:
  std::shared_ptr<Device> device_;
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

// A moment in a stream.
class Moment {
 public:
  static Result<Moment> make(std::shared_ptr<Device> device);
  Moment() = default;
  Moment(Moment&& other) noexcept;
  Moment& operator=(Moment&& other) noexcept;
  ~Moment();

  Event event() const { return event_; }

 private:
  std::shared_ptr<Device> device_;
  Event event_ = nullptr;
};

// What was brought over, and when it is there.
struct Upload {
  Buffer buffer;
  Moment there;
};

class Line {
 public:
  static Result<std::shared_ptr<Line>> open(std::shared_ptr<Device> device);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  const std::shared_ptr<Device>& device() const { return device_; }
  Stream drawing() const { return drawing_; }

  // Brings over what `write` puts into so many bytes, while drawing goes on.
  Result<std::shared_ptr<const Upload>> bring(std::size_t bytes, const std::function<void(std::byte*)>& write);
  // What is drawn from now on comes after it is there; it stays as long as that takes.
  Status use(std::shared_ptr<const Upload> upload);
  // Keeps what may be in use until wait().
  void keep(Buffer buffer);
  // Until all that was to be drawn is.
  Status wait();

  // For pictures on their way back; those that are not used any more serve again.
  Result<Pinned> take_pinned(std::size_t bytes);
  void return_pinned(Pinned pinned);

 private:
  struct Slot {
    Pinned memory;
    Moment read;  // by the GPU
    bool in_use = false;
  };
  explicit Line(std::shared_ptr<Device> device) : device_(std::move(device)) {}
  Status start();

  std::shared_ptr<Device> device_;
  Stream drawing_ = nullptr;
  Stream bringing_ = nullptr;
  std::array<Slot, 4> slots_;
  std::size_t next_slot_ = 0;
  std::vector<std::shared_ptr<const Upload>> used_;
  std::vector<Buffer> kept_;
  std::vector<Pinned> spare_pinned_;
};

}  // namespace vivid::render::cuda
