// Lets a thread wait for a time, another thread or a socket, whichever comes first.
//
// Threads: raise() from any; wait() from one. Errors: none; without a descriptor to be had it aborts.
#pragma once

#include <chrono>

#include "base/files.h"

namespace vivid::sync {

class WakeSignal {
 public:
  WakeSignal();

  // The wait in progress, or the next one, ends at once.
  void raise();
  // Until raised, `socket` is readable or broken (-1: none), or time is up; may end early without any. True: it was
  // raised since the last wait.
  bool wait(std::chrono::milliseconds timeout, int socket = -1);

 private:
  UniqueFd event_;
};

}  // namespace vivid::sync
