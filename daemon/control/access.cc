#include "daemon/control/access.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace vivid::daemon {

bool AccessPolicy::may_steer(uid_t uid, gid_t gid, const std::vector<gid_t>& groups) const {
  if (uid == 0 || uid == own_uid) return true;
  return group && (gid == *group || std::find(groups.begin(), groups.end(), *group) != groups.end());
}

bool only_shows(std::string_view method) {
  constexpr std::array<std::string_view, 10> kShows{"ping",        "cache.status", "status",   "job.list",
                                                    "job.show",    "outbox.list",  "job.wait", "watch",
                                                    "job.profile", "dead.list"};
  return std::find(kShows.begin(), kShows.end(), method) != kShows.end();
}

Result<std::vector<gid_t>> groups_of_peer(int fd) {
  std::vector<gid_t> groups(64);
  for (int tries = 0; tries < 2; ++tries) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) {
      groups.resize(size / sizeof(gid_t));
      return groups;
    }
    if (errno != ERANGE) break;
    groups.resize(size / sizeof(gid_t));  // as many as there are
  }
  return tl::make_unexpected(errno_error(errno, "read the client's groups"));
}

}  // namespace vivid::daemon
