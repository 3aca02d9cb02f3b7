#include "sync/central/link/wake_signal.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"

namespace vivid::sync {

WakeSignal::WakeSignal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { VIVID_CHECK(event_); }

void WakeSignal::raise() {
  // Only an eventfd about to overflow refuses, and that one is readable already.
  (void)::eventfd_write(event_.get(), 1);
}

bool WakeSignal::wait(std::chrono::milliseconds timeout, int socket) {
  std::array<pollfd, 2> waited{{{event_.get(), POLLIN, 0}, {socket, POLLIN, 0}}};
  const auto limit = std::clamp<std::int64_t>(timeout.count(), 0, 3'600'000);
  if (::poll(waited.data(), waited.size(), static_cast<int>(limit)) <= 0 || waited[0].revents == 0) return false;
  eventfd_t count = 0;
  return ::eventfd_read(event_.get(), &count) == 0;
}

}  // namespace vivid::sync
