#include "render/span_cache/entry_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/digest.h"
#include "base/files.h"

namespace vivid::render {
namespace {

// With a line of its own for the form: another one is another file.
constexpr std::string_view kForm = "vivid-span-cache 1\n";
constexpr std::size_t kDigestBytes = 64;
constexpr mode_t kMode = 0640;

std::string head_of(const std::string& key) { return std::string(kForm) + key + "\n"; }

std::string digest_of(std::string_view head, std::span<const std::byte> content) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(head)));
  digest.update(content);
  return digest.finish_hex();
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Status write_parts(int fd, const std::filesystem::path& path, const std::string& head,
                   std::span<const std::byte> content) {
  if (::fchmod(fd, kMode) != 0) return fail_errno("set the rights of", path);
  VIVID_TRY(write_all(fd, head, path));
  VIVID_TRY(write_all(fd, as_text(content), path));
  VIVID_TRY(write_all(fd, digest_of(head, content), path));
  if (::fsync(fd) != 0) return fail_errno("sync", path);
  return {};
}

Result<std::vector<std::byte>> read_all(int fd, const std::filesystem::path& path) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) return fail_errno("look at", path);
  std::vector<std::byte> bytes(static_cast<std::size_t>(facts.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(fd, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("read", path);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace

std::uint64_t entry_bytes(std::size_t content_bytes) {
  return kForm.size() + kDigestBytes + 1 + content_bytes + kDigestBytes;
}

Result<std::filesystem::path> write_entry(const std::filesystem::path& folder, const std::string& key,
                                          std::span<const std::byte> content) {
  std::string name = (folder / "XXXXXX").string();
  const UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return fail_errno("create", name);
  const Status written = write_parts(fd.get(), name, head_of(key), content);
  if (!written.has_value()) {
    ::unlink(name.c_str());
    return tl::make_unexpected(written.error());
  }
  return std::filesystem::path(name);
}

Result<std::vector<std::byte>> read_entry(const std::filesystem::path& path, const std::string& key) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return fail_errno("open", path);
  VIVID_ASSIGN(std::vector<std::byte> bytes, read_all(fd.get(), path));
  const std::string head = head_of(key);
  const bool is_long_enough = bytes.size() >= head.size() + kDigestBytes;
  if (!is_long_enough || as_text(bytes).substr(0, head.size()) != head) {
    return fail(ErrorCode::data_corrupt, path.string() + " is no entry of this key");
  }
  const std::size_t content_end = bytes.size() - kDigestBytes;
  const auto content = std::span(bytes).subspan(head.size(), content_end - head.size());
  if (as_text(std::span(bytes).subspan(content_end)) != digest_of(head, content)) {
    return fail(ErrorCode::data_corrupt, path.string() + " does not match its checksum");
  }
  ::futimens(fd.get(), nullptr);
  bytes.resize(content_end);
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(head.size()));
  return bytes;
}

}  // namespace vivid::render
