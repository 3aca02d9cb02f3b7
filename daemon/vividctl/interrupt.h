// What Ctrl-C says while jobs are waited for: that they go on, and how to look at them again. The command then ends at
// once, with the exit code of an interrupted command (130).
//
// Threads: one notice at a time, in the main thread. Ownership: the signal's former handling returns with the
// notice's end.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "daemon/vividctl/context.h"

namespace vivid::ctl {

class InterruptNotice {
 public:
  // No jobs: all are watched.
  InterruptNotice(const Context& context, const std::vector<std::string>& jobs);
  ~InterruptNotice();
  InterruptNotice(const InterruptNotice&) = delete;
  InterruptNotice& operator=(const InterruptNotice&) = delete;

 private:
  struct sigaction before_ {};
};

}  // namespace vivid::ctl
