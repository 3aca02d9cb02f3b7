// What `vividctl fleet` prints for people, of the database's answer.
//
// Threads: pure functions.
#pragma once

#include <string>

#include "daemon/vividctl/json.h"
#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

std::string render_fleet(const Json& fleet, const Terminal& terminal);

}  // namespace vivid::ctl
