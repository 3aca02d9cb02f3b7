// One file's way into a bucket in chunks, through everything a network and a service can do to it:
//
//   record on disk? ── no ──▶ start ─▶ record ─▶ chunk ─▶ record ─▶ chunk … ─▶ object
//        └─ yes ─▶ query ────────────────────────▲           └─ doubt ─▶ wait, query, go on from what is kept
//
// Threads: one; run() blocks. Ownership: client, api and ledger must outlive it.
// Errors: as ObjectStore::put. After `cancelled` and transient ones the record stays, and the next run() goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "base/error.h"
#include "base/files.h"
#include "sync/credentials/google_client.h"
#include "sync/storage/gcs_api.h"
#include "sync/storage/object_store.h"
#include "sync/storage/upload_ledger.h"

namespace vivid::sync {

// What ends an upload without an object of its own: there is one of this name, or none where one was to be replaced.
struct NameConflict {};

class ResumableUpload {
 public:
  struct Source {
    std::shared_ptr<const UniqueFd> file;
    FileIdentity identity;
  };
  struct Parts {
    GoogleClient& client;
    const GcsApi& api;
    const UploadLedger& ledger;
    std::uint64_t chunk_bytes;  // a multiple of 256 KiB
  };
  using Outcome = std::variant<RemoteObject, NameConflict>;

  ResumableUpload(Parts parts, NewObject object, Source source, const PutProgress& progress);

  Result<Outcome> run();

 private:
  // What an answer of the service amounts to.
  struct Kept {
    std::uint64_t bytes = 0;
  };
  struct SessionGone {};
  struct Doubt {};  // what the service keeps must be asked
  using Step = std::variant<RemoteObject, NameConflict, Kept, SessionGone, Doubt>;

  bool go_on(std::uint64_t sent_bytes) const;
  bool load_record();
  Result<std::variant<NameConflict, Kept>> start();
  Result<Step> query();
  Result<Step> send_chunk();
  Result<Step> judge(const Result<HttpResponse>& answer, std::uint64_t sent_to, bool queried);
  Result<Step> judge_kept(const HttpResponse& answer, std::uint64_t sent_to, bool queried);
  Result<Step> judge_refusal(const HttpResponse& answer);
  Result<void> note_kept(std::uint64_t bytes);
  tl::unexpected<Error> broken(const std::string& what);
  void forget();

  const Parts parts_;
  const NewObject object_;
  const Source source_;
  const PutProgress& progress_;
  UploadRecord record_;
  SteadyTime saved_at_{};
  Patience patience_;
  // The last answer, for how long to wait after it and for what to say in the end.
  Result<HttpResponse> last_answer_;
};

}  // namespace vivid::sync
