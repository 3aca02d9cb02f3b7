// `vividctl status` for people: one screen, what needs attention first.
//
// Threads: pure function.
#pragma once

#include <string>

#include "daemon/vividctl/json.h"
#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

std::string render_status(const Json& status, const Terminal& terminal);

}  // namespace vivid::ctl
