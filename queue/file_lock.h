// Makes one daemon the only owner of a queue file.
//
// Threads: take() from any.
// Ownership: the lock lasts as long as the returned descriptor.
// Errors: unavailable, naming the file, when another process (or another JobQueue of this one) has it.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "base/files.h"

namespace vivid::queue {

// flock on `path`.lock beside the file: on the file itself, closing the descriptor would drop SQLite's own locks.
Result<UniqueFd> lock_file_of(const std::filesystem::path& path);

}  // namespace vivid::queue
