// The peer: the same rows as the queue writes, through the SQLite C API by hand, one thread, one transaction a group.
#pragma once

#include <string>

namespace vivid::bench {

// Whole cycles a second when `group` jobs are submitted, claimed and completed together, each step one commit. `path`
// is a queue file, whose schema is used.
double raw_cycles_per_second(const std::string& path, int group, double seconds);

}  // namespace vivid::bench
