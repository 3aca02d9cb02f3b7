// After a daemon that ended without saying goodbye: the processes it left are ended for certain before their stages are
// given to anybody else, so that two copies never run side by side.
//
// Threads: end_survivor blocks, up to its limit; not on the event loop.
#pragma once

#include <chrono>
#include <vector>

#include "base/error.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

// Kills the survivor's process group, if it is still the one that was noted, and waits for its end. unavailable when it
// is still there after `limit`.
Status end_survivor(const queue::Survivor& survivor, std::chrono::milliseconds limit);

}  // namespace vivid::daemon
