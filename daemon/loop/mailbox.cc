#include "daemon/loop/mailbox.h"

#include "base/check.h"

namespace vivid::daemon {

class Mailbox::Box {
 public:
  // The handle is freed by libuv's close callback, later than the box may be.
  uv_async_t* async = nullptr;
  std::mutex mutex;
  std::vector<Letter> letters;

  void run_all() {
    std::vector<Letter> batch;
    {
      const std::lock_guard lock(mutex);
      batch.swap(letters);
    }
    for (Letter& letter : batch) letter();
  }
};

Mailbox::Mailbox(uv_loop_t* loop) : box_(std::make_shared<Box>()) {
  box_->async = new uv_async_t;
  box_->async->data = box_.get();
  const int rc = uv_async_init(loop, box_->async, [](uv_async_t* handle) noexcept {
    if (handle->data == nullptr) return;
    static_cast<Box*>(handle->data)->run_all();
  });
  VIVID_CHECK(rc == 0);
}

Mailbox::~Mailbox() {
  const std::lock_guard lock(box_->mutex);
  box_->async->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(box_->async),
           [](uv_handle_t* handle) noexcept { delete reinterpret_cast<uv_async_t*>(handle); });
  box_->async = nullptr;
  box_->letters.clear();
}

void Mailbox::Poster::operator()(Letter letter) const {
  const std::lock_guard lock(box_->mutex);
  if (box_->async == nullptr) return;
  box_->letters.push_back(std::move(letter));
  uv_async_send(box_->async);
}

}  // namespace vivid::daemon
