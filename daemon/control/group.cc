#include "daemon/control/group.h"

#include <grp.h>

#include <charconv>
#include <vector>

namespace vivid::daemon {

Result<gid_t> group_id(const std::string& group) {
  gid_t number = 0;
  const auto [end, problem] = std::from_chars(group.data(), group.data() + group.size(), number);
  if (problem == std::errc() && end == group.data() + group.size()) return number;
  std::vector<char> buffer(64 * 1024);
  struct group record {};
  struct group* found = nullptr;
  if (::getgrnam_r(group.c_str(), &record, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return fail(ErrorCode::invalid_input, "control.group: there is no group '" + group + "'");
  }
  return record.gr_gid;
}

}  // namespace vivid::daemon
