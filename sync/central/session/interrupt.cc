#include "sync/central/session/interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <cstdint>
#include <cstdlib>

namespace vivid::sync {

Interrupt::Interrupt() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_) std::abort();
}

void Interrupt::raise() {
  // Only an eventfd about to overflow refuses, and that one is readable already.
  (void)::eventfd_write(fd_.get(), 1);
}

bool Interrupt::raised() const {
  pollfd entry{fd_.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

}  // namespace vivid::sync
