#include "sync/storage/upload_ledger.h"

#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <span>
#include <system_error>

#include "base/digest.h"
#include "base/files.h"

namespace vivid::sync {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
constexpr std::uint64_t kMaxRecordBytes = 64 * 1024;
constexpr mode_t kOwnerOnly = 0600;
constexpr const char* kSuffix = ".json";

std::optional<UploadRecord> parse(const std::string& text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  try {
    UploadRecord record;
    record.bucket = document.at("bucket").get<std::string>();
    record.name = document.at("name").get<std::string>();
    record.session_uri = Secret(document.at("session_uri").get<std::string>());
    record.started_at = WallTime(std::chrono::microseconds(document.at("started_at_us").get<std::int64_t>()));
    const json& file = document.at("file");
    record.file = {file.at("size_bytes").get<std::uint64_t>(), file.at("modified_ns").get<std::int64_t>(),
                   file.at("inode").get<std::uint64_t>(), file.at("device").get<std::uint64_t>()};
    record.crc32c = document.at("crc32c").get<std::string>();
    record.confirmed_bytes = document.at("confirmed_bytes").get<std::uint64_t>();
    return record;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::optional<UploadRecord> read(const fs::path& path) {
  auto text = read_file(path, kMaxRecordBytes);
  if (!text) return std::nullopt;
  auto record = parse(*text);
  wipe_text(*text);
  return record;
}

}  // namespace

fs::path UploadLedger::path_of(const std::string& bucket, const std::string& name) const {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(bucket)));
  digest.update(std::as_bytes(std::span("/", 1)));
  digest.update(std::as_bytes(std::span(name)));
  return directory_ / (digest.finish_hex() + kSuffix);
}

std::optional<UploadRecord> UploadLedger::find(const std::string& bucket, const std::string& name) const {
  auto record = read(path_of(bucket, name));
  if (!record || record->bucket != bucket || record->name != name) return std::nullopt;
  return record;
}

Status UploadLedger::save(const UploadRecord& record) const {
  std::error_code ignored;
  if (!fs::is_directory(directory_, ignored)) {
    VIVID_TRY(make_directories(directory_));
    if (::chmod(directory_.c_str(), 0700) != 0) return fail_errno("protect", directory_);
  }
  const json document = {{"bucket", record.bucket},
                         {"name", record.name},
                         {"session_uri", record.session_uri.reveal()},
                         {"started_at_us", record.started_at.time_since_epoch().count()},
                         {"file",
                          {{"size_bytes", record.file.size_bytes},
                           {"modified_ns", record.file.modified_ns},
                           {"inode", record.file.inode},
                           {"device", record.file.device}}},
                         {"crc32c", record.crc32c},
                         {"confirmed_bytes", record.confirmed_bytes}};
  std::string text = document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  const Status saved = write_file_durably(path_of(record.bucket, record.name), text, kOwnerOnly);
  wipe_text(text);
  return saved;
}

void UploadLedger::erase(const std::string& bucket, const std::string& name) const {
  // Should it come back after a power cut: the session it names is over, and found to be.
  ::unlink(path_of(bucket, name).c_str());
}

std::vector<UploadRecord> UploadLedger::all() const {
  std::vector<UploadRecord> records;
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != kSuffix) continue;
    if (auto record = read(entry->path())) records.push_back(std::move(*record));
  }
  return records;
}

std::vector<UploadRecord> UploadLedger::below(const std::string& bucket, const std::string& name) const {
  std::vector<UploadRecord> records = all();
  std::erase_if(records, [&](const UploadRecord& record) {
    return record.bucket != bucket || (record.name != name && !record.name.starts_with(name + "/"));
  });
  return records;
}

void UploadLedger::forget_before(WallTime time) const {
  for (const UploadRecord& record : all()) {
    if (record.started_at < time) erase(record.bucket, record.name);
  }
  // What a kill has left of a record that was being written.
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end; entry.increment(error)) {
    struct stat facts {};
    if (entry->path().extension() != ".tmp" || ::lstat(entry->path().c_str(), &facts) != 0) continue;
    if (WallTime(std::chrono::seconds(facts.st_mtim.tv_sec)) < time) ::unlink(entry->path().c_str());
  }
}

}  // namespace vivid::sync
