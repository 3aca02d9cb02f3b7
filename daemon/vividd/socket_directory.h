// The folder of the control socket, where it is not there yet.
//
// Threads: blocks on the disk and the group database; for the start. Errors: invalid_input for a group there is not,
// else those of the file system.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"

namespace vivid::daemon {

// Makes the folder with mode 0750 and, so that its members reach the socket, gives it to `group` when one is named. A
// folder that exists stays as its owner made it.
Status make_socket_directory(const std::filesystem::path& socket, const std::string& group);

}  // namespace vivid::daemon
