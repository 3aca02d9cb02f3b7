// vivid-render on its own: input in, results in a folder.
//
// The stages work in a hidden folder inside the output folder; the results move out of it only when all of them are
// there, the manifest last, and the folder goes whatever happens short of SIGKILL.
//
// Threads: runs on the caller's.
#pragma once

#include "base/clock.h"
#include "render/vivid_render/command_line.h"

namespace vivid::render {

// Prints the outcome; what the program ends with.
int run_locally(const CommandLine& command, const Clock& clock);

}  // namespace vivid::render
