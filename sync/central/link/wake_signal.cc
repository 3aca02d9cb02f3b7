#include "sync/central/link/wake_signal.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"

namespace vivid::sync {

WakeSignal::WakeSignal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { VIVID_CHECK(event_); }

void WakeSignal::raise() {
  const std::uint64_t one = 1;
  // Full means raised already.
  [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
}

WakeSignal::Woken WakeSignal::wait(std::chrono::milliseconds timeout, int socket) {
  std::array<pollfd, 2> waited{{{event_.get(), POLLIN, 0}, {socket, POLLIN, 0}}};
  const auto limit = std::clamp<std::int64_t>(timeout.count(), 0, 3'600'000);
  Woken woken;
  // An interrupting signal ends the wait early, which costs the caller one look at its schedule.
  if (::poll(waited.data(), waited.size(), static_cast<int>(limit)) <= 0) return woken;
  if (waited[0].revents != 0) {
    std::uint64_t count = 0;
    woken.raised = ::read(event_.get(), &count, sizeof count) == sizeof count;
  }
  woken.readable = waited[1].revents != 0;
  return woken;
}

}  // namespace vivid::sync
