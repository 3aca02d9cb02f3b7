#include "daemon/loop/signals.h"

#include "base/check.h"

namespace vivid::daemon {

Signals::Signals(uv_loop_t* loop, std::vector<int> numbers, std::function<void(int)> on_signal)
    : on_signal_(std::move(on_signal)) {
  for (const int number : numbers) {
    auto* handle = new uv_signal_t;
    VIVID_CHECK(uv_signal_init(loop, handle) == 0);
    handle->data = this;
    const int rc = uv_signal_start(
        handle,
        [](uv_signal_t* self, int received) noexcept {
          if (self->data != nullptr) static_cast<Signals*>(self->data)->on_signal_(received);
        },
        number);
    VIVID_CHECK(rc == 0);
    handles_.push_back(handle);
  }
}

Signals::~Signals() {
  for (uv_signal_t* handle : handles_) {
    handle->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) noexcept { delete reinterpret_cast<uv_signal_t*>(closed); });
  }
}

}  // namespace vivid::daemon
