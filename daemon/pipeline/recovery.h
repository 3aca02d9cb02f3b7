// After a daemon that ended without saying goodbye: the processes it left are ended for certain before their stages are
// given to anybody else, so that two copies never run side by side.
//
// Threads: end_survivor blocks, up to its limit; not on the event loop.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "daemon/loop/process_facts.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

// Environment entries that every child of a vividd carries: by the first it is known as one of this state directory's,
// also when the leader of its group is gone and the number may have been given to somebody else.
std::string owner_mark(const std::filesystem::path& state_directory);
// Of a process that does something for one job alone.
std::string job_mark(const std::string& uid);

// What still runs of a survivor: all of its process group when the leader is the one that was noted and carries the
// mark, else whatever in its group or session carries the mark; for a stage that vividd ran itself, children that carry
// both marks. Never a stranger.
std::vector<ProcessFacts> remains_of(const queue::Survivor& survivor, const std::string& mark);

// Kills what remains of the survivor and waits for its end. unavailable when something is still there after `limit`.
Status end_survivor(const queue::Survivor& survivor, const std::string& mark, std::chrono::milliseconds limit);

}  // namespace vivid::daemon
