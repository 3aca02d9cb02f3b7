// Who may do what over the control socket. Its file mode says who can connect; this says who of them can steer: root,
// the daemon's own user, and members of the socket's group. Everybody else can look.
//
// Threads: pure functions. Errors: groups_of_peer, when the kernel does not say.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::daemon {

struct AccessPolicy {
  uid_t own_uid = 0;
  std::optional<gid_t> group;  // of the socket file; none: it has no file

  // `groups` are the supplementary ones.
  bool may_steer(uid_t uid, gid_t gid, const std::vector<gid_t>& groups) const;
};

// Whether the method shows, and changes nothing. False for methods that do not exist.
bool only_shows(std::string_view method);

// Supplementary groups of whoever connected the socket, as of then.
Result<std::vector<gid_t>> groups_of_peer(int fd);

}  // namespace vivid::daemon
