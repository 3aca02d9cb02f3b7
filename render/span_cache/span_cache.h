// What was encoded before, kept under a digest of everything that determines it: below one folder, under a size limit,
// for all workers of a host.
//
// An entry is a file that appears under its name when it is whole, and is checked by its checksum whenever it is read:
// what does not match is removed and counts as never kept. So a crash at any instant, another process that writes or
// removes entries at the same time, or a disk that forgets, costs encoding again and nothing else. Entries that were
// not used for longest go first.
//
//   FOLDER/3f/3f9a…   an entry
//   FOLDER/.new/…     one that is being written
//   FOLDER/.total     how many bytes there are; whoever adds or removes holds a lock on it
//
// Threads: any. They block on the disk. Errors: none that keep work from being done: what cannot be kept or read is
// done again, and counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::render {

struct SpanCacheOptions {
  std::filesystem::path directory;
  std::uint64_t max_bytes = 0;
  // So much of the disk is left to others.
  std::uint64_t min_free_bytes = std::uint64_t{2} << 30;
};

// What went on in one cache object, not in the folder.
struct SpanCacheCounts {
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t bytes_read = 0;
  std::int64_t bytes_written = 0;
  std::int64_t evicted = 0;  // entries that had to go for new ones
  std::int64_t corrupt = 0;  // entries that did not match their checksum
  std::int64_t refused = 0;  // what could not be kept: disk full, larger than the limit, no right to write
};

// What is in a folder, or was.
struct SpanCacheContents {
  std::int64_t entries = 0;
  std::uint64_t bytes = 0;
};

class SpanCache {
 public:
  // Makes the folder, with mode 0750. Errors: those of the disk.
  static Result<std::unique_ptr<SpanCache>> open(const SpanCacheOptions& options);

  // `key`: 64 hex digits. Nothing: it is not there.
  std::optional<std::vector<std::byte>> get(const std::string& key);
  void put(const std::string& key, std::span<const std::byte> content);
  // What get() gave is not what its key promises, whoever wrote it: it goes, and counts as corrupt instead of as a hit.
  void discard(const std::string& key);

  SpanCacheCounts counts() const;
  // Why the first was refused; empty: none was.
  std::string refusal() const;

  // What a folder holds; nothing where there is none.
  static SpanCacheContents look_into(const std::filesystem::path& directory);
  // Removes every entry, and says what that was. Whoever uses the folder meanwhile encodes again. Errors: those of the
  // disk.
  static Result<SpanCacheContents> clear(const std::filesystem::path& directory);

 private:
  explicit SpanCache(SpanCacheOptions options) : options_(std::move(options)) {}
  std::filesystem::path path_of(const std::string& key) const;
  Status write(const std::string& key, std::span<const std::byte> content);
  Status make_room(std::uint64_t bytes, std::uint64_t& total);

  SpanCacheOptions options_;
  std::atomic<std::int64_t> hits_{0};
  std::atomic<std::int64_t> misses_{0};
  std::atomic<std::int64_t> bytes_read_{0};
  std::atomic<std::int64_t> bytes_written_{0};
  std::atomic<std::int64_t> evicted_{0};
  std::atomic<std::int64_t> corrupt_{0};
  std::atomic<std::int64_t> refused_{0};
  mutable std::mutex mutex_;
  std::string refusal_;
};

}  // namespace vivid::render
