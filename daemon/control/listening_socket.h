// A listening Unix socket whose permissions stand before the first client can connect.
//
// Errors: already_exists if somebody listens there; permission_denied, not_found, invalid_input (path too long, unknown
// group), each naming the path.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/files.h"

namespace vivid::daemon {

class ListeningSocket {
 public:
  static Result<ListeningSocket> bind(const std::filesystem::path& path, int mode, const std::string& group);
  // Takes a descriptor that was handed in; not_found or invalid_input if it is no listening Unix stream socket.
  static Result<ListeningSocket> adopt(int fd);

  // The descriptor, now the caller's.
  int release_fd() { return fd_.release(); }
  // Of the socket file, when it was bound or taken; none: it has no file.
  std::optional<gid_t> group() const { return group_; }
  // Removes the socket file, if it is still the one made here.
  void remove_file();

 private:
  UniqueFd fd_;
  std::filesystem::path path_;  // empty: adopted
  std::optional<gid_t> group_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace vivid::daemon
