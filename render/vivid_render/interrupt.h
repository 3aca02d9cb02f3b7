// The wish to stop, as the operating system tells it: SIGINT, SIGTERM, SIGHUP.
//
// Threads: any may ask; signals may arrive on any.
#pragma once

#include <chrono>

namespace vivid::render {

// From now on these signals set a flag instead of ending the process, and a closed pipe is an error, not a death.
void watch_for_interrupts();
// The signal that came first; 0: none.
int interrupted_by();

// Waits until `fd` can be read or a signal came; what came before the call counts too.
void wait_readable_or_interrupted(int fd);
// The same for this long.
void wait_or_interrupted(std::chrono::seconds time);

// Ends this process with SIGKILL as soon as its parent ends. False: the parent is gone already.
bool die_with_parent();

}  // namespace vivid::render
