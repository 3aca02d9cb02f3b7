#include "queue/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace vivid::queue {

Result<UniqueFd> lock_file_of(const std::filesystem::path& path) {
  const std::string lock_path = path.string() + ".lock";
  UniqueFd fd(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!fd) return tl::make_unexpected(errno_error(errno, "open " + lock_path));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return tl::make_unexpected(errno_error(errno, "lock " + lock_path));
  return fail(ErrorCode::unavailable, "queue file " + path.string() + " is in use by another process");
}

}  // namespace vivid::queue
