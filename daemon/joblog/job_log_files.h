// The files of the job log: DIRECTORY/ab/UUID.jsonl, and UUID.1.jsonl, the generation before it.
//
// Threads: any, but one writer at a time. Blocks on the disk.
// Errors: those of the file system. A file that vanishes in between is an empty one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"

namespace vivid::daemon {

class JobLogFiles {
 public:
  JobLogFiles(std::filesystem::path directory, std::uint64_t max_file_bytes)
      : directory_(std::move(directory)), max_file_bytes_(max_file_bytes) {}

  // `lines` each end in a newline. `uid` is a canonical UUID.
  Status append(const std::string& uid, std::string_view lines);
  Result<std::vector<std::string>> read_last(const std::string& uid, std::size_t limit) const;
  void remove_older(WallTime before);

 private:
  Result<UniqueFd> open_newest(const std::string& uid) const;
  std::filesystem::path newest(const std::string& uid) const;
  std::filesystem::path previous(const std::string& uid) const;

  std::filesystem::path directory_;
  std::uint64_t max_file_bytes_;
};

}  // namespace vivid::daemon
