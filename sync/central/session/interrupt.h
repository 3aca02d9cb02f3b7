// Ends what a session waits for, from another thread. Raised once, it stays raised.
//
// Threads: any. Ownership: owns its descriptor. Errors: none; without a descriptor to be had it aborts.
#pragma once

#include "base/files.h"

namespace vivid::sync {

class Interrupt {
 public:
  Interrupt();

  void raise();
  bool raised() const;
  // Readable once it has been raised.
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace vivid::sync
