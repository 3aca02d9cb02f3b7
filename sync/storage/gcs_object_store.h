// Google Cloud Storage as an object store: small files in one request, others in resumable chunks whose progress is on
// disk; every byte under a CRC32C that both ends compute; nothing overwritten that somebody else put there.
//
// An object of the same request and fence with other bytes is an earlier attempt's, and replaced.
//
// Threads: as ObjectStore; no two puts of the same object at once. Ownership: client and clock must outlive it.
// Errors: as ObjectStore, and already_exists when somebody else's object has the name, not_found for the bucket.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "sync/credentials/google_client.h"
#include "sync/storage/gcs_api.h"
#include "sync/storage/object_store.h"
#include "sync/storage/resumable_upload.h"
#include "sync/storage/upload_ledger.h"

namespace vivid::sync {

class GcsObjectStore final : public ObjectStore {
 public:
  struct Options {
    std::string endpoint = "https://storage.googleapis.com";
    std::string prefix;  // of every name; "lessons" or "a/b"; empty: none
    std::filesystem::path ledger;
    std::uint64_t chunk_bytes = 32ULL << 20;       // a multiple of 256 KiB
    std::uint64_t whole_up_to_bytes = 4ULL << 20;  // files in one request
    HttpLimits limits;
  };

  GcsObjectStore(GoogleClient& client, Options options);

  Result<ObjectFacts> put(const PutRequest& request, const PutProgress& progress = {}) override;
  Result<std::string> read(const std::string& bucket, const std::string& name, std::uint64_t limit_bytes) override;
  Result<std::uint64_t> remove(const std::string& bucket, const std::string& name) override;

 private:
  struct Local;

  std::string full_name(const std::string& name) const;
  Result<ResumableUpload::Outcome> upload(const NewObject& object, const Local& local, const PutProgress& progress);
  Result<ResumableUpload::Outcome> upload_whole(const NewObject& object, const Local& local,
                                                const PutProgress& progress);
  Result<std::optional<RemoteObject>> describe(const std::string& bucket, const std::string& name);
  Result<std::optional<RemoteObject>> settle_conflict(NewObject& object);
  Status check_remote(const NewObject& object, const RemoteObject& remote);
  Status check_local(const PutRequest& request, const NewObject& object) const;
  void end_sessions(const std::string& bucket, const std::string& name);
  Result<std::vector<std::string>> names_below(const std::string& bucket, const std::string& name);
  void sweep();

  GoogleClient& client_;
  const Options options_;
  const GcsApi api_;
  const UploadLedger ledger_;
  std::atomic<std::int64_t> swept_at_us_{0};
};

}  // namespace vivid::sync
