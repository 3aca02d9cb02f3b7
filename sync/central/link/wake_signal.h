// Lets a thread wait for a time, for other threads, and for a socket, all at once.
//
// Threads: raise() from any; wait() from one. Errors: none after construction, which fails only when the process is out
// of descriptors.
#pragma once

#include <chrono>

#include "base/files.h"

namespace vivid::sync {

class WakeSignal {
 public:
  WakeSignal();

  // The wait in progress, or the next one, ends at once.
  void raise();

  struct Woken {
    bool raised = false;
    bool readable = false;  // the socket has something, or is broken
  };
  // `socket`: -1 for none.
  Woken wait(std::chrono::milliseconds timeout, int socket = -1);

 private:
  UniqueFd event_;
};

}  // namespace vivid::sync
