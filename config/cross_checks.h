// What no option can know alone: limits that must fit one another, options that contradict each other.
//
// Threads: pure functions.
#pragma once

#include "config/config.h"
#include "config/origins.h"
#include "config/problems.h"

namespace vivid::config {

// Expects paths already filled in and made absolute.
void check_together(const Config& config, const Origins& origins, Problems& problems);

}  // namespace vivid::config
