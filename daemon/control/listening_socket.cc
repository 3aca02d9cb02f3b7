#include "daemon/control/listening_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/control/group.h"

namespace vivid::daemon {
namespace {

constexpr int kBacklog = 128;

Result<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  if (text.empty() || text.size() >= sizeof(address.sun_path)) {
    return fail(ErrorCode::invalid_input, "control.socket: '" + text + "' has " + std::to_string(text.size()) +
                                              " bytes; allowed are 1 to " +
                                              std::to_string(sizeof(address.sun_path) - 1));
  }
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

Result<UniqueFd> make_socket() {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return tl::make_unexpected(errno_error(errno, "make a Unix socket"));
  return fd;
}

std::optional<gid_t> group_of_file(const char* path) {
  struct stat facts {};
  if (::lstat(path, &facts) != 0 || !S_ISSOCK(facts.st_mode)) return std::nullopt;
  return facts.st_gid;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

// Makes room at `path`: removes a socket that nobody listens on, refuses anything else.
Status clear_path(const std::filesystem::path& path, const sockaddr_un& address) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno("look at", path);
  }
  if (!S_ISSOCK(facts.st_mode)) {
    return fail(ErrorCode::already_exists, "control.socket: " + path.string() + " exists and is not a socket");
  }
  VIVID_ASSIGN(const UniqueFd probe, make_socket());
  const int connected = ::connect(probe.get(), generic(address), sizeof(address));
  // A full backlog (EAGAIN) has a listener behind it too.
  if (connected == 0 || errno == EAGAIN) {
    return fail(ErrorCode::already_exists,
                "control.socket: another process listens on " + path.string() + "; is vividd running already?");
  }
  if (errno == ENOENT) return {};
  if (errno != ECONNREFUSED) return fail_errno("connect to", path);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno("remove the stale socket", path);
  return {};
}

}  // namespace

Result<ListeningSocket> ListeningSocket::bind(const std::filesystem::path& path, int mode, const std::string& group) {
  VIVID_ASSIGN(const sockaddr_un address, address_of(path));
  VIVID_TRY(clear_path(path, address));
  ListeningSocket socket;
  VIVID_ASSIGN(socket.fd_, make_socket());
  // On Linux the file takes its mode from the descriptor: it is never open to more than the owner before it should be,
  // and no umask, which is the whole process's, has to change.
  if (::fchmod(socket.fd_.get(), 0600) != 0) return fail_errno("set the mode of", path);
  if (::bind(socket.fd_.get(), generic(address), sizeof(address)) != 0) return fail_errno("bind", path);
  socket.path_ = path;
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return fail_errno("look at", path);
  socket.device_ = facts.st_dev;
  socket.inode_ = facts.st_ino;

  const auto open_up = [&]() -> Status {
    if (!group.empty()) {
      VIVID_ASSIGN(const gid_t gid, group_id(group));
      if (::chown(path.c_str(), static_cast<uid_t>(-1), gid) != 0) {
        return fail_errno(("give to group " + group).c_str(), path);
      }
    }
    if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) return fail_errno("set the mode of", path);
    if (::listen(socket.fd_.get(), kBacklog) != 0) return fail_errno("listen on", path);
    return {};
  };
  if (Status status = open_up(); !status) {
    socket.remove_file();
    return tl::make_unexpected(std::move(status).error());
  }
  socket.group_ = group_of_file(path.c_str());
  return socket;
}

Result<ListeningSocket> ListeningSocket::adopt(int fd) {
  ListeningSocket socket;
  socket.fd_ = UniqueFd(fd);
  int domain = 0;
  int listening = 0;
  socklen_t size = sizeof(int);
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0) {
    return tl::make_unexpected(errno_error(errno, "use the inherited descriptor " + std::to_string(fd)));
  }
  if (domain != AF_UNIX || listening == 0) {
    return fail(ErrorCode::invalid_input,
                "the inherited descriptor " + std::to_string(fd) + " is not a listening Unix socket");
  }
  sockaddr_un address{};
  socklen_t length = sizeof(address) - 1;  // so that the path ends in a zero
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0 && address.sun_path[0] != '\0') {
    socket.group_ = group_of_file(address.sun_path);
  }
  return socket;
}

void ListeningSocket::remove_file() {
  struct stat facts {};
  if (path_.empty() || ::lstat(path_.c_str(), &facts) != 0) return;
  if (facts.st_dev == device_ && facts.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace vivid::daemon
