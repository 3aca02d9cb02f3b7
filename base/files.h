// Files that survive a power cut, and descriptors that close themselves.
//
// Threads: free functions are safe from any thread; they block on the disk, so never call them on the event loop.
// Errors: errno mapped to a code (disk_full, not_found, permission_denied, io_error), the path in the message.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace vivid {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

// errno as an error: "what path: reason".
tl::unexpected<Error> fail_errno(const char* what, const std::filesystem::path& path);

// Writes all of `bytes`; `path` is for the message.
Status write_all(int fd, std::string_view bytes, const std::filesystem::path& path);

// The whole file; too_large if it has more than `limit_bytes`.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes);

// Writes beside the target, syncs, renames over it, syncs the folder: readers see the old file or the new, never a
// part.
Status write_file_durably(const std::filesystem::path& path, std::string_view content, mode_t mode = 0640);

// Makes names created or renamed in this folder survive a power cut.
Status sync_directory(const std::filesystem::path& directory);

// Makes the folder and its missing parents with mode 0750.
Status make_directories(const std::filesystem::path& directory);

struct FileFacts {
  std::uint64_t size_bytes = 0;
  std::string sha256;  // hex
  std::string crc32c;  // base64, big-endian
};
// Of a regular file; a symbolic link is not followed.
Result<FileFacts> describe_file(const std::filesystem::path& path);

// Bytes a non-root writer can still use on the file system that holds `path`.
Result<std::uint64_t> free_bytes(const std::filesystem::path& path);

}  // namespace vivid
