#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <vector>

#include "base/digest.h"
#include "base/uuid.h"

namespace vivid {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kCopyBufferBytes = 256 * 1024;

Result<UniqueFd> open_file(const fs::path& path, int flags) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
  if (!fd) return fail_errno("open", path);
  return fd;
}

// Calls sink(chunk) with each piece of the file; sink returns a Status.
template <typename Sink>
Status read_chunks(int fd, const fs::path& path, Sink&& sink) {
  std::vector<char> buffer(kCopyBufferBytes);
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("read", path);
    if (count == 0) return {};
    VIVID_TRY(sink(std::string_view(buffer.data(), static_cast<std::size_t>(count))));
  }
}

// Fills a temporary file beside `path` through fill(fd), then puts it in place. Errors name `path`: nobody knows the
// temporary file.
template <typename Fill>
Status replace_durably(const fs::path& path, mode_t mode, Fill&& fill) {
  const fs::path temporary =
      path.parent_path() / ("." + path.filename().string() + "." + Uuid::random().to_text() + ".tmp");
  const auto write_and_rename = [&]() -> Status {
    const UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd) return fail_errno("write", path);
    VIVID_TRY(fill(fd.get()));
    if (::fsync(fd.get()) != 0) return fail_errno("sync", path);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return fail_errno("rename to", path);
    return {};
  };
  if (Status status = write_and_rename(); !status) {
    ::unlink(temporary.c_str());
    return status;
  }
  return sync_directory(path.parent_path());
}

}  // namespace

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void UniqueFd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

tl::unexpected<Error> fail_errno(const char* what, const fs::path& path) {
  return tl::make_unexpected(errno_error(errno, std::string(what) + " " + path.string()));
}

Status write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> read_file(const fs::path& path, std::uint64_t limit_bytes) {
  VIVID_ASSIGN(const UniqueFd fd, open_file(path, O_RDONLY));
  std::string content;
  VIVID_TRY(read_chunks(fd.get(), path, [&](std::string_view chunk) -> Status {
    if (content.size() + chunk.size() > limit_bytes) {
      return fail(ErrorCode::too_large,
                  path.string() + " has more than the allowed " + std::to_string(limit_bytes) + " bytes");
    }
    content += chunk;
    return {};
  }));
  return content;
}

Status write_file_durably(const fs::path& path, std::string_view content, mode_t mode) {
  return replace_durably(path, mode, [&](int fd) { return write_all(fd, content, path); });
}

Status sync_directory(const fs::path& directory) {
  const fs::path target = directory.empty() ? fs::path(".") : directory;
  VIVID_ASSIGN(const UniqueFd fd, open_file(target, O_RDONLY | O_DIRECTORY));
  if (::fsync(fd.get()) != 0) return fail_errno("sync", target);
  return {};
}

Status make_directories(const fs::path& directory) {
  if (directory.empty() || directory == directory.root_path()) return {};
  if (::mkdir(directory.c_str(), 0750) == 0) return sync_directory(directory.parent_path());
  if (errno == EEXIST) {
    std::error_code ignored;
    if (fs::is_directory(directory, ignored)) return {};
    return fail(ErrorCode::already_exists, directory.string() + " exists and is not a folder");
  }
  if (errno != ENOENT) return fail_errno("make folder", directory);
  VIVID_TRY(make_directories(directory.parent_path()));
  if (::mkdir(directory.c_str(), 0750) != 0 && errno != EEXIST) return fail_errno("make folder", directory);
  return sync_directory(directory.parent_path());
}

Result<FileFacts> describe_file(const fs::path& path) {
  // Without O_NONBLOCK a pipe of that name would hold the caller until somebody writes into it.
  VIVID_ASSIGN(const UniqueFd fd, open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("stat", path);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid_input, path.string() + " is not a regular file");
  Sha256 sha256;
  Crc32c crc32c;
  FileFacts facts;
  VIVID_TRY(read_chunks(fd.get(), path, [&](std::string_view chunk) -> Status {
    const auto bytes = std::as_bytes(std::span(chunk));
    sha256.update(bytes);
    crc32c.update(bytes);
    facts.size_bytes += chunk.size();
    return {};
  }));
  facts.sha256 = sha256.finish_hex();
  facts.crc32c = crc32c.to_base64();
  return facts;
}

Result<std::uint64_t> free_bytes(const fs::path& path) {
  struct statvfs facts {};
  if (::statvfs(path.c_str(), &facts) != 0) return fail_errno("statvfs", path);
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

}  // namespace vivid
