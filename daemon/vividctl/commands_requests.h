// The commands below `vividctl request`: show, list, cancel, retry.
//
// Threads: one thread.
#pragma once

#include <memory>
#include <string>

#include "daemon/vividctl/commands.h"

namespace vivid::ctl {

// `database` is shared with the outer command's --database.
void add_inner_request_commands(CommandLine& line, CLI::App& request, const std::shared_ptr<std::string>& database);

}  // namespace vivid::ctl
