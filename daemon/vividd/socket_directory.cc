#include "daemon/vividd/socket_directory.h"

#include <grp.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/files.h"

namespace vivid::daemon {

Status make_socket_directory(const std::filesystem::path& socket, const std::string& group) {
  const std::filesystem::path folder = socket.parent_path();
  if (folder.empty() || ::access(folder.c_str(), F_OK) == 0) return {};
  VIVID_TRY(make_directories(folder));
  if (group.empty()) return {};
  gid_t id = 0;
  const auto [end, problem] = std::from_chars(group.data(), group.data() + group.size(), id);
  if (problem != std::errc() || end != group.data() + group.size()) {
    const struct group* found = ::getgrnam(group.c_str());
    if (found == nullptr) return fail(ErrorCode::invalid_input, "control.group: there is no group '" + group + "'");
    id = found->gr_gid;
  }
  if (::chown(folder.c_str(), static_cast<uid_t>(-1), id) != 0) {
    return tl::make_unexpected(errno_error(errno, "give " + folder.string() + " to group " + group));
  }
  return {};
}

}  // namespace vivid::daemon
