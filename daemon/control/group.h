// The group that may use the control socket, by name or number.
//
// Threads: safe from any thread; may block on the system's user database. Errors: invalid_input if there is none.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/error.h"

namespace vivid::daemon {

Result<gid_t> group_id(const std::string& group);

}  // namespace vivid::daemon
