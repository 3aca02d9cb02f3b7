// The folder of files that a job's stages leave for one another: SPOOL/ab/UUID, gone when the job is over.
//
// Threads: free of state; every method blocks on the disk, so not on the event loop.
// Errors: as in base/files.h.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::daemon {

class Spool {
 public:
  explicit Spool(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path folder_of(const std::string& uid) const;
  // The job's folder, made if it is missing.
  Result<std::filesystem::path> open(const std::string& uid) const;
  // Nothing to remove is no error.
  Status remove(const std::string& uid) const;
  // Jobs that have a folder.
  Result<std::vector<std::string>> list() const;

 private:
  std::filesystem::path root_;
};

}  // namespace vivid::daemon
