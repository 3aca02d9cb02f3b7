// `vividctl status` for people: one screen, what needs attention first.
//
// Threads: pure function.
#pragma once

#include <string>

#include "daemon/vividctl/json.h"
#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

// Why nothing new starts, "paused: render" or "paused: every lane"; nothing when everything may start. Of an answer of
// status, or of pause and resume. A lane without a name stands for every lane.
std::string pause_text(const Json& answer);

std::string render_status(const Json& status, const Terminal& terminal);

}  // namespace vivid::ctl
