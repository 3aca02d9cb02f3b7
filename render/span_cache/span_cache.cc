#include "render/span_cache/span_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "render/span_cache/entry_file.h"

namespace vivid::render {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNewFolder = ".new";
constexpr const char* kTotalFile = ".total";
constexpr std::size_t kKeyDigits = 64;
// Room is made for more than what needs it, so that not every new entry has to look at all old ones.
constexpr std::uint64_t kRoomParts = 10;
// What is being written for longer was left by somebody who died.
constexpr std::chrono::hours kLongestWrite{1};

bool is_key(std::string_view text) {
  return text.size() == kKeyDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

struct Entry {
  fs::path path;
  std::uint64_t bytes = 0;
  std::int64_t used_ns = 0;
};

std::optional<Entry> look_at(const fs::path& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  return Entry{path, static_cast<std::uint64_t>(facts.st_size),
               facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

// What is not an entry of ours is nobody's business here. Others may remove entries meanwhile.
std::vector<Entry> list(const fs::path& directory) {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator shelf(directory, error), end; !error && shelf != end; shelf.increment(error)) {
    if (shelf->path().filename().string().size() != 2) continue;
    std::error_code ignored;
    for (fs::directory_iterator file(shelf->path(), ignored); !ignored && file != end; file.increment(ignored)) {
      if (!is_key(file->path().filename().string())) continue;
      if (auto entry = look_at(file->path())) entries.push_back(std::move(*entry));
    }
  }
  return entries;
}

void remove_left_overs(const fs::path& directory) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::error_code error;
  for (fs::directory_iterator file(directory / kNewFolder, error), end; !error && file != end; file.increment(error)) {
    const auto entry = look_at(file->path());
    if (entry && now - std::chrono::nanoseconds(entry->used_ns) > kLongestWrite) ::unlink(file->path().c_str());
  }
}

// The number of bytes that there are, locked while this lives. A process that dies gives the lock back.
class Total {
 public:
  static Result<Total> lock(const fs::path& directory) {
    const fs::path path = directory / kTotalFile;
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!fd) return fail_errno("open", path);
    while (::flock(fd.get(), LOCK_EX) != 0) {
      if (errno != EINTR) return fail_errno("lock", path);
    }
    return Total(std::move(fd));
  }

  // Nothing: nobody has counted yet, or what stands there is no number.
  std::optional<std::uint64_t> read() const {
    std::array<char, 32> text{};
    const ssize_t count = ::pread(fd_.get(), text.data(), text.size(), 0);
    std::uint64_t value = 0;
    if (count <= 0) return std::nullopt;
    const auto end = std::from_chars(text.data(), text.data() + count, value);
    if (end.ec != std::errc() || *end.ptr != '\n') return std::nullopt;
    return value;
  }

  // A number that cannot be written is counted anew by whoever needs it.
  void write(std::uint64_t value) const {
    const std::string text = std::to_string(value) + "\n";
    const bool cut = ::ftruncate(fd_.get(), 0) == 0;
    if (cut && ::pwrite(fd_.get(), text.data(), text.size(), 0) < 0) static_cast<void>(::ftruncate(fd_.get(), 0));
  }

 private:
  explicit Total(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

std::uint64_t sum_of(const std::vector<Entry>& entries) {
  std::uint64_t bytes = 0;
  for (const Entry& entry : entries) bytes += entry.bytes;
  return bytes;
}

}  // namespace

SpanCacheContents SpanCache::look_into(const fs::path& directory) {
  const std::vector<Entry> entries = list(directory);
  return {static_cast<std::int64_t>(entries.size()), sum_of(entries)};
}

Result<SpanCacheContents> SpanCache::clear(const fs::path& directory) {
  SpanCacheContents removed;
  std::error_code ignored;
  if (!fs::exists(directory / kNewFolder, ignored)) return removed;
  VIVID_ASSIGN(const Total locked, Total::lock(directory));
  for (const Entry& entry : list(directory)) {
    if (::unlink(entry.path.c_str()) != 0) {
      if (errno == ENOENT) continue;
      return fail_errno("remove", entry.path);
    }
    ++removed.entries;
    removed.bytes += entry.bytes;
  }
  locked.write(0);
  return removed;
}

Result<std::unique_ptr<SpanCache>> SpanCache::open(const SpanCacheOptions& options) {
  VIVID_TRY(make_directories(options.directory / kNewFolder));
  return std::unique_ptr<SpanCache>(new SpanCache(options));
}

fs::path SpanCache::path_of(const std::string& key) const { return options_.directory / key.substr(0, 2) / key; }

std::optional<std::vector<std::byte>> SpanCache::get(const std::string& key) {
  const fs::path path = path_of(key);
  auto content = read_entry(path, key);
  if (content.has_value()) {
    ++hits_;
    bytes_read_ += static_cast<std::int64_t>(content->size());
    return std::move(*content);
  }
  ++misses_;
  if (content.error().code == ErrorCode::data_corrupt) {
    ++corrupt_;
    ::unlink(path.c_str());
  }
  return std::nullopt;
}

void SpanCache::discard(const std::string& key) {
  --hits_;
  ++misses_;
  ++corrupt_;
  ::unlink(path_of(key).c_str());
}

void SpanCache::put(const std::string& key, std::span<const std::byte> content) {
  const Status written = write(key, content);
  if (written.has_value()) {
    bytes_written_ += static_cast<std::int64_t>(content.size());
    return;
  }
  ++refused_;
  const std::lock_guard lock(mutex_);
  if (refusal_.empty()) refusal_ = written.error().message;
}

// Everything is counted anew, and what was not used for longest goes.
Status SpanCache::make_room(std::uint64_t bytes, std::uint64_t& total) {
  remove_left_overs(options_.directory);
  std::vector<Entry> entries = list(options_.directory);
  total = sum_of(entries);
  const std::uint64_t wanted = options_.max_bytes - std::max(bytes, options_.max_bytes / kRoomParts);
  if (total + bytes <= options_.max_bytes) return {};
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used_ns < b.used_ns; });
  for (const Entry& entry : entries) {
    if (total <= wanted) break;
    if (::unlink(entry.path.c_str()) != 0 && errno != ENOENT) return fail_errno("remove", entry.path);
    total -= entry.bytes;
    ++evicted_;
  }
  return {};
}

Status SpanCache::write(const std::string& key, std::span<const std::byte> content) {
  const fs::path path = path_of(key);
  const std::uint64_t bytes = entry_bytes(content.size());
  if (bytes > options_.max_bytes) return fail(ErrorCode::too_large, "larger than the whole cache");
  VIVID_ASSIGN(const std::uint64_t free, free_bytes(options_.directory));
  if (free < options_.min_free_bytes + bytes) return fail(ErrorCode::disk_full, "the rest of the disk is for others");
  VIVID_TRY(make_directories(path.parent_path()));
  VIVID_ASSIGN(const fs::path fresh, write_entry(options_.directory / kNewFolder, key, content));
  const Status kept = [&]() -> Status {
    VIVID_ASSIGN(const Total locked, Total::lock(options_.directory));
    const std::optional<std::uint64_t> known = locked.read();
    std::uint64_t total = known.value_or(0);
    if (!known || total + bytes > options_.max_bytes) VIVID_TRY(make_room(bytes, total));
    // Before it is there: whoever dies in between leaves a number that is too large, and is found out when room is
    // made.
    locked.write(total + bytes);
    if (::rename(fresh.c_str(), path.c_str()) != 0) return fail_errno("put in place", path);
    return {};
  }();
  if (!kept.has_value()) ::unlink(fresh.c_str());
  return kept;
}

std::string SpanCache::refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_;
}

SpanCacheCounts SpanCache::counts() const {
  return {hits_, misses_, bytes_read_, bytes_written_, evicted_, corrupt_, refused_};
}

}  // namespace vivid::render
