// A result appears under its name only when it is whole.
//
// Threads: one object, one thread; publish() blocks on the disk.
#pragma once

#include <filesystem>
#include <utility>

#include "base/error.h"

namespace vivid::render {

// A file in the making, hidden beside its final name. What is not published is removed.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(std::filesystem::path final_path);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  // Where to write.
  const std::filesystem::path& path() const { return path_; }
  // Syncs, renames to the final name, syncs the folder.
  Status publish();

 private:
  std::filesystem::path final_path_;
  std::filesystem::path path_;
  bool published_ = false;
};

}  // namespace vivid::render
