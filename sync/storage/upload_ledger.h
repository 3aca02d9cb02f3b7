// The uploads that are under way, on disk, so that one that a kill or a power cut ended goes on where it was.
//
// Threads: every method from any thread, as long as no two are about the same object at once; they block on the disk.
// Ownership: the folder (mode 0700) and its files (mode 0600): a session URI is a secret, whoever has it may write the
// object. Errors: those of files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "sync/http/secret.h"

namespace vivid::sync {

// The file as it was when its upload began.
struct FileIdentity {
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

struct UploadRecord {
  std::string bucket;
  std::string name;
  Secret session_uri;
  WallTime started_at{};
  FileIdentity file;
  std::string crc32c;                 // of the whole file, base64
  std::uint64_t confirmed_bytes = 0;  // what the service has said it keeps
};

class UploadLedger {
 public:
  explicit UploadLedger(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // None also for a record that cannot be read: its upload begins afresh.
  std::optional<UploadRecord> find(const std::string& bucket, const std::string& name) const;
  // On disk when this returns.
  Status save(const UploadRecord& record) const;
  void erase(const std::string& bucket, const std::string& name) const;
  // Of this object and of those below it.
  std::vector<UploadRecord> below(const std::string& bucket, const std::string& name) const;
  // Forgets what began before.
  void forget_before(WallTime time) const;

 private:
  std::filesystem::path path_of(const std::string& bucket, const std::string& name) const;
  std::vector<UploadRecord> all() const;

  const std::filesystem::path directory_;
};

}  // namespace vivid::sync
