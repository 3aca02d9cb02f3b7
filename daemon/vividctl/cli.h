// The command line: what may be typed, and running what was.
//
// Threads: one thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

// Parses, runs, reports; the exit code of the process. `arguments` are without the program's name.
int run(const std::vector<std::string>& arguments, const Environment& environment, const Clock& clock);

struct CommandName {
  std::string name;                  // "dead list"
  std::vector<std::string> options;  // long ones, "--limit"
};
// Every command with its options, for the test that the completions know them all.
std::vector<CommandName> all_commands();

}  // namespace vivid::ctl
