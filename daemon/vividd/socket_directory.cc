#include "daemon/vividd/socket_directory.h"

#include <unistd.h>

#include <cerrno>

#include "base/files.h"
#include "daemon/control/group.h"

namespace vivid::daemon {

Status make_socket_directory(const std::filesystem::path& socket, const std::string& group) {
  const std::filesystem::path folder = socket.parent_path();
  if (folder.empty() || ::access(folder.c_str(), F_OK) == 0) return {};
  VIVID_TRY(make_directories(folder));
  if (group.empty()) return {};
  VIVID_ASSIGN(const gid_t id, group_id(group));
  if (::chown(folder.c_str(), static_cast<uid_t>(-1), id) != 0) {
    return tl::make_unexpected(errno_error(errno, "give " + folder.string() + " to group " + group));
  }
  return {};
}

}  // namespace vivid::daemon
