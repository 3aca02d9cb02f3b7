// An entry of the cache as a file: what it is, under which key, and a checksum over both.
//
// Threads: free functions. Errors: not_found; data_corrupt for a file that is not exactly what write_entry() makes;
// those of the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::render {

// How large the file is.
std::uint64_t entry_bytes(std::size_t content_bytes);

// Into a file of its own below `folder`, synced; its path.
Result<std::filesystem::path> write_entry(const std::filesystem::path& folder, const std::string& key,
                                          std::span<const std::byte> content);

// Marks the file as used now.
Result<std::vector<std::byte>> read_entry(const std::filesystem::path& path, const std::string& key);

}  // namespace vivid::render
