// What `vividctl request show` and `list` print for people, of the database's answers.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "daemon/vividctl/json.h"
#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

// A request's status as the state of a job, which has the marks and colours: queued, running, or the status itself.
std::string_view state_of_request(std::string_view status);
// "● generating_video"
std::string marked_status(std::string_view status, const Terminal& terminal);
// "text, video"
std::string modalities_text(const Json& modalities);

std::string render_request(const Json& shown, const Terminal& terminal);
std::string render_requests(const Json& list, const Terminal& terminal);

}  // namespace vivid::ctl
