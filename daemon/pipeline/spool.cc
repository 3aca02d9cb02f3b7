#include "daemon/pipeline/spool.h"

#include "base/files.h"
#include "base/uuid.h"

namespace vivid::daemon {
namespace fs = std::filesystem;

fs::path Spool::folder_of(const std::string& uid) const { return root_ / uid.substr(0, 2) / uid; }

Result<fs::path> Spool::open(const std::string& uid) const {
  fs::path folder = folder_of(uid);
  VIVID_TRY(make_directories(folder));
  return folder;
}

Status Spool::remove(const std::string& uid) const {
  std::error_code error;
  fs::remove_all(folder_of(uid), error);
  // Two who tidy at once find different halves gone.
  if (error && error != std::errc::no_such_file_or_directory) {
    return tl::make_unexpected(errno_error(error.value(), "remove " + folder_of(uid).string()));
  }
  return {};
}

Result<std::vector<std::string>> Spool::list() const {
  std::vector<std::string> uids;
  std::error_code error;
  fs::recursive_directory_iterator entry(root_, error);
  const fs::recursive_directory_iterator end;
  while (!error && entry != end) {
    const std::string name = entry->path().filename().string();
    if (entry.depth() == 1) {
      entry.disable_recursion_pending();
      if (Uuid::parse(name)) uids.push_back(name);
    }
    entry.increment(error);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return tl::make_unexpected(errno_error(error.value(), "read " + root_.string()));
  }
  return uids;
}

}  // namespace vivid::daemon
