#include "sync/storage/local_object_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/files.h"
#include "base/uuid.h"
#include "sync/storage/object_name.h"

namespace vivid::sync {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = 1024 * 1024;
// Object names have no part that begins with a dot, so neither folder can be mistaken for an object.
constexpr const char* kMetadataFolder = ".meta";
constexpr const char* kTemporaryFolder = ".tmp";
constexpr std::time_t kAbandonedAfterSeconds = 24 * 3600;

Result<UniqueFd> open_file(const fs::path& path, int flags) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, 0640));
  if (!fd) return fail_errno("open", path);
  return fd;
}

Result<struct stat> stat_regular(int fd, const fs::path& path) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) return fail_errno("stat", path);
  if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::invalid_input, path.string() + " is not a regular file");
  return facts;
}

// A file that is gone when this goes out of scope, unless it was published.
class Temporary {
 public:
  static Result<Temporary> create(const fs::path& folder) {
    Temporary result;
    result.path_ = folder / Uuid::random().to_text();
    VIVID_ASSIGN(result.fd_, open_file(result.path_, O_RDWR | O_CREAT | O_EXCL));
    return result;
  }
  Temporary(Temporary&& other) noexcept : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)) {}
  Temporary& operator=(Temporary&&) = delete;
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  int fd() const { return fd_.get(); }
  const fs::path& path() const { return path_; }

  Status publish(const fs::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) {
      if (errno == EISDIR) return fail(ErrorCode::already_exists, target.string() + " is a folder of other objects");
      return fail_errno("rename to", target);
    }
    path_.clear();
    return sync_directory(target.parent_path());
  }

 private:
  Temporary() = default;

  fs::path path_;
  UniqueFd fd_;
};

// What a process that was killed while it copied has left. Ages are relative to a file just made, so by the file
// system's own clock.
void remove_abandoned(const fs::path& folder, const Temporary& fresh) {
  struct stat now {};
  if (::fstat(fresh.fd(), &now) != 0) return;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    struct stat facts {};
    if (::lstat(entry->path().c_str(), &facts) != 0) continue;
    if (now.st_mtim.tv_sec - facts.st_mtim.tv_sec > kAbandonedAfterSeconds) ::unlink(entry->path().c_str());
  }
}

Status copy_bytes(int from, std::uint64_t total_bytes, const PutRequest& request, const Temporary& to,
                  const PutProgress& progress) {
  std::vector<char> buffer(kChunkBytes);
  std::uint64_t done_bytes = 0;
  for (;;) {
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("read", request.file);
    if (count == 0) break;
    VIVID_TRY(write_all(to.fd(), {buffer.data(), static_cast<std::size_t>(count)}, to.path()));
    done_bytes += static_cast<std::uint64_t>(count);
    if (progress && !progress(done_bytes, total_bytes)) {
      return fail(ErrorCode::cancelled, "putting " + request.name + " was cancelled");
    }
  }
  if (::fsync(to.fd()) != 0) return fail_errno("sync", to.path());
  // Clean pages are dropped, so that the check that follows reads what the disk holds.
  ::posix_fadvise(to.fd(), 0, 0, POSIX_FADV_DONTNEED);
  return {};
}

Status check_expected(const PutRequest& request, const FileFacts& facts, const fs::path& path) {
  if (request.expected_size_bytes && facts.size_bytes != *request.expected_size_bytes) {
    return fail(ErrorCode::data_corrupt, path.string() + " has " + std::to_string(facts.size_bytes) +
                                             " bytes; expected: " + std::to_string(*request.expected_size_bytes));
  }
  if (request.expected_crc32c && facts.crc32c != *request.expected_crc32c) {
    return fail(ErrorCode::data_corrupt,
                path.string() + " has crc32c " + facts.crc32c + "; expected: " + *request.expected_crc32c);
  }
  return {};
}

bool same_bytes(const FileFacts& a, const FileFacts& b) {
  return a.size_bytes == b.size_bytes && a.sha256 == b.sha256 && a.crc32c == b.crc32c;
}

std::string file_url(const fs::path& path) {
  std::string url = "file://";
  for (const char c : path.string()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/-_.~").find(c) != std::string_view::npos;
    if (plain) {
      url += c;
    } else {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      url += escaped;
    }
  }
  return url;
}

std::string metadata_json(const PutRequest& request, const FileFacts& facts) {
  const nlohmann::json document{{"name", request.name},         {"content_type", request.content_type},
                                {"metadata", request.metadata}, {"size_bytes", facts.size_bytes},
                                {"sha256", facts.sha256},       {"crc32c", facts.crc32c}};
  // Metadata that is not UTF-8 is replaced: it describes the object, it is not the object.
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// Removes a file or a folder with all that is in it; returns how many files there were.
Result<std::uint64_t> remove_tree(const fs::path& path) {
  std::error_code error;
  std::uint64_t files = 0;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found || error == std::errc::not_a_directory) return 0;
  if (error) return tl::make_unexpected(errno_error(error.value(), "stat " + path.string()));
  if (fs::is_directory(status)) {
    for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      if (entry->is_regular_file(error)) ++files;
    }
  } else {
    files = 1;
  }
  if (!error) fs::remove_all(path, error);
  if (error) return tl::make_unexpected(errno_error(error.value(), "remove " + path.string()));
  VIVID_TRY(sync_directory(path.parent_path()));
  return files;
}

}  // namespace

LocalObjectStore::LocalObjectStore(fs::path directory) : directory_(std::move(directory)) {}

fs::path LocalObjectStore::object_path(const std::string& bucket, const std::string& name) const {
  return directory_ / bucket / name;
}

// The dot keeps the file of "a" apart from the folder of "a.json/b".
fs::path LocalObjectStore::metadata_path(const std::string& bucket, const std::string& name) const {
  const fs::path object(name);
  return directory_ / bucket / kMetadataFolder / object.parent_path() / ("." + object.filename().string() + ".json");
}

Result<ObjectFacts> LocalObjectStore::put(const PutRequest& request, const PutProgress& progress) {
  VIVID_TRY(check_bucket_name(request.bucket));
  VIVID_TRY(check_object_name(request.name));
  VIVID_ASSIGN(const UniqueFd source, open_file(request.file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  VIVID_ASSIGN(const struct stat source_stat, stat_regular(source.get(), request.file));
  VIVID_ASSIGN(const FileFacts facts, describe_file(request.file));
  VIVID_TRY(check_expected(request, facts, request.file));

  const fs::path target = object_path(request.bucket, request.name);
  const auto existing = describe_file(target);
  if (!existing || !same_bytes(*existing, facts)) {
    const fs::path temporary_folder = directory_ / request.bucket / kTemporaryFolder;
    VIVID_TRY(make_directories(target.parent_path()));
    VIVID_TRY(make_directories(temporary_folder));
    VIVID_ASSIGN(Temporary temporary, Temporary::create(temporary_folder));
    remove_abandoned(temporary_folder, temporary);
    VIVID_TRY(copy_bytes(source.get(), static_cast<std::uint64_t>(source_stat.st_size), request, temporary, progress));
    VIVID_ASSIGN(const FileFacts copied, describe_file(temporary.path()));
    if (!same_bytes(copied, facts)) {
      return fail(ErrorCode::data_corrupt, "the copy of " + request.file.string() + " reads back differently, crc32c " +
                                               copied.crc32c + "; expected: " + facts.crc32c);
    }
    VIVID_TRY(temporary.publish(target));
  }
  const fs::path metadata = metadata_path(request.bucket, request.name);
  VIVID_TRY(make_directories(metadata.parent_path()));
  VIVID_TRY(write_file_durably(metadata, metadata_json(request, facts)));
  return ObjectFacts{file_url(target), request.name, facts.size_bytes, facts.sha256, facts.crc32c};
}

Result<std::string> LocalObjectStore::read(const std::string& bucket, const std::string& name,
                                           std::uint64_t limit_bytes) {
  VIVID_TRY(check_bucket_name(bucket));
  VIVID_TRY(check_object_name(name));
  return read_file(object_path(bucket, name), limit_bytes);
}

Result<std::uint64_t> LocalObjectStore::remove(const std::string& bucket, const std::string& name) {
  VIVID_TRY(check_bucket_name(bucket));
  VIVID_TRY(check_object_name(name));
  VIVID_ASSIGN(const std::uint64_t objects, remove_tree(object_path(bucket, name)));
  VIVID_TRY(remove_tree(metadata_path(bucket, name)));
  VIVID_TRY(remove_tree(directory_ / bucket / kMetadataFolder / name));
  return objects;
}

}  // namespace vivid::sync
