#include "daemon/intake/text_path.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/log.h"
#include "daemon/intake/object_prefix.h"
#include "render/storyboard/storyboard.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
constexpr std::uint64_t kMaxManifestBytes = 1024 * 1024;
constexpr int kFence = 0;  // rises only with a claim from a central database

std::string prefix_of(const std::string& uid) { return object_prefix(uid, kFence); }

// A file that goes away again once the store has its content.
class ScratchFile {
 public:
  ScratchFile(const fs::path& folder, const std::string& name)
      : path_(folder / (Uuid::random().to_text() + "." + name)) {}
  ~ScratchFile() { ::unlink(path_.c_str()); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Error is_a_job(const std::string& uid) {
  return {ErrorCode::already_exists, "request " + uid + " is a job of the queue already, with other modalities"};
}

// What a manifest says of its request, for whoever wants to know whether it was answered before.
struct StoredManifest {
  std::string job_class;
  std::string correlation_id;
  WallTime created_at{};
  WallTime finished_at{};
  std::string text;

  bool is_text() const { return job_class == "text"; }
  TextAnswer answer(const std::string& uid) const { return {uid, correlation_id, created_at, finished_at, text, true}; }
};

// Only what the text path itself writes has the times.
Result<StoredManifest> manifest_from(const json& manifest, const std::string& uid) {
  const auto wrong = [&uid](const std::string& what) {
    return fail(ErrorCode::data_corrupt, "the manifest of request " + uid + " " + what);
  };
  if (!manifest.is_object()) return wrong("is no JSON object");
  StoredManifest stored;
  for (const auto& [name, into] :
       {std::pair("class", &stored.job_class), std::pair("correlation_id", &stored.correlation_id)}) {
    const auto found = manifest.find(name);
    if (found == manifest.end() || !found->is_string()) return wrong("has no text " + std::string(name));
    *into = found->get<std::string>();
  }
  if (!stored.is_text()) return stored;
  for (const auto& [name, into] :
       {std::pair("created_at_us", &stored.created_at), std::pair("finished_at_us", &stored.finished_at)}) {
    const auto found = manifest.find(name);
    if (found == manifest.end() || !found->is_number_integer()) return wrong("has no number " + std::string(name));
    *into = WallTime(std::chrono::microseconds(found->get<std::int64_t>()));
  }
  for (const char* name : {"files", "warnings"}) {
    const auto found = manifest.find(name);
    if (found == manifest.end() || !found->is_array()) return wrong("has no list " + std::string(name));
  }
  stored.text = manifest.dump();
  return stored;
}

Result<std::optional<StoredManifest>> read_manifest(sync::ObjectStore& store, const std::string& bucket,
                                                    const std::string& uid) {
  const auto text = store.read(bucket, prefix_of(uid) + "/manifest.json", kMaxManifestBytes);
  if (!text && text.error().code == ErrorCode::not_found) return std::optional<StoredManifest>();
  if (!text) return tl::make_unexpected(text.error());
  VIVID_ASSIGN(auto manifest, manifest_from(json::parse(*text, nullptr, false), uid));
  return std::optional(std::move(manifest));
}

struct Work {
  TextPath::Parts parts;
  TextPath::Options options;
  Request request;
  std::string uid;

  Result<json> put(const std::string& name, const std::string& content_type, const std::string& content) const {
    VIVID_TRY(make_directories(options.scratch));
    const ScratchFile file(options.scratch, name);
    VIVID_TRY(write_file_durably(file.path(), content));
    sync::PutRequest put;
    put.bucket = options.bucket;
    put.name = prefix_of(uid) + "/" + name;
    put.file = file.path();
    put.content_type = content_type;
    put.metadata = {{"request", uid}, {"fence", std::to_string(kFence)}};
    VIVID_ASSIGN(const auto facts, parts.store.put(put));
    return json{{"name", name},
                {"uri", facts.url},
                {"content_type", content_type},
                {"size_bytes", facts.size_bytes},
                {"sha256", facts.sha256},
                {"crc32c", facts.crc32c}};
  }

  Result<TextAnswer> run() const {
    VIVID_ASSIGN(const auto stored, read_manifest(parts.store, options.bucket, uid));
    if (stored && stored->is_text()) {
      TextAnswer before = stored->answer(uid);
      before.created = false;
      return before;
    }
    VIVID_ASSIGN(const bool queued, parts.is_queued(uid));
    // A job's results outlive its row in the queue.
    if (queued || stored) return tl::make_unexpected(is_a_job(uid));
    const WallTime created_at = parts.clock.now();
    ProvidedScript script{request.input, "request", {}};
    if (request.input.empty()) {
      VIVID_ASSIGN(script, parts.scripts.write(request));
    }
    VIVID_ASSIGN(auto storyboard, parse_lesson(script.json, request));
    script.warnings.insert(script.warnings.begin(), request.warnings.begin(), request.warnings.end());
    script.warnings.insert(script.warnings.end(), storyboard.warnings.begin(), storyboard.warnings.end());
    VIVID_ASSIGN(const json file, put("text.md", "text/markdown", render::to_markdown(storyboard)));
    const json manifest = {{"job", uid},
                           {"fence", kFence},
                           {"correlation_id", request.correlation_id},
                           {"class", "text"},
                           {"vividd", VIVID_VERSION},
                           {"modalities", {"text"}},
                           {"title", storyboard.title},
                           {"script_provider", script.provider},
                           {"created_at_us", created_at.time_since_epoch().count()},
                           {"finished_at_us", parts.clock.now().time_since_epoch().count()},
                           {"files", {file}},
                           {"warnings", script.warnings}};
    TextAnswer answer{uid,
                      request.correlation_id,
                      created_at,
                      parts.clock.now(),
                      manifest.dump(-1, ' ', false, json::error_handler_t::replace),
                      true};
    if (const auto kept = put("manifest.json", "application/json", answer.manifest); !kept) {
      // Without its manifest the text is no answer: it goes, and a later try begins afresh.
      if (const auto removed = parts.store.remove(options.bucket, prefix_of(uid)); !removed) {
        log::warning("a text without manifest stays in the store", {{"correlation_id", request.correlation_id},
                                                                    {"job", uid},
                                                                    {"stage", "text"},
                                                                    {"attempt", 1},
                                                                    {"reason", removed.error().describe()}});
      }
      return tl::make_unexpected(kept.error());
    }
    return answer;
  }
};

}  // namespace

TextPath::TextPath(Parts parts, Options options) : parts_(std::move(parts)), options_(std::move(options)) {}

void TextPath::answer(const Request& request, Done done) {
  const std::string uid = request.id.to_text();
  if (const TextAnswer* known = find(uid)) {
    TextAnswer again = *known;
    again.created = false;
    return done(std::move(again));
  }
  if (parts_.is_being_queued(uid)) return done(tl::make_unexpected(is_a_job(uid)));
  auto& waiting = in_flight_[uid];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  const Status asked = parts_.pool.submit([work = Work{parts_, options_, request, uid}] { return work.run(); },
                                          [this, uid](Result<TextAnswer> answer) { finish(uid, std::move(answer)); });
  if (!asked) finish(uid, tl::make_unexpected(asked.error()));
}

void TextPath::finish(const std::string& uid, Result<TextAnswer> answer) {
  if (answer) {
    if (answers_.insert_or_assign(uid, *answer).second) order_.push_back(uid);
    if (order_.size() > kRemembered) {
      answers_.erase(order_.front());
      order_.pop_front();
    }
  }
  auto waiting = std::move(in_flight_[uid]);
  in_flight_.erase(uid);
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    // Whoever asked while the first was on its way did not create it.
    if (i > 0 && answer) answer->created = false;
    waiting[i](answer);
  }
}

const TextAnswer* TextPath::find(const std::string& uid) const {
  const auto found = answers_.find(uid);
  return found == answers_.end() ? nullptr : &found->second;
}

std::vector<const TextAnswer*> TextPath::recent(std::size_t limit) const {
  std::vector<const TextAnswer*> newest;
  for (auto uid = order_.rbegin(); uid != order_.rend() && newest.size() < limit; ++uid) {
    newest.push_back(&answers_.at(*uid));
  }
  return newest;
}

std::vector<std::string> TextPath::find_prefix(const std::string& prefix) const {
  std::vector<std::string> found;
  for (auto entry = answers_.lower_bound(prefix); entry != answers_.end() && found.size() < 2; ++entry) {
    if (!entry->first.starts_with(prefix)) break;
    found.push_back(entry->first);
  }
  return found;
}

Status empty_scratch(const fs::path& scratch) {
  std::error_code error;
  fs::remove_all(scratch, error);
  if (error) return tl::make_unexpected(errno_error(error.value(), "empty " + scratch.string()));
  return {};
}

Result<std::optional<std::string>> stored_class(sync::ObjectStore& store, const std::string& bucket,
                                                const std::string& uid) {
  VIVID_ASSIGN(const auto stored, read_manifest(store, bucket, uid));
  return stored ? std::optional(stored->job_class) : std::nullopt;
}

Result<std::optional<TextAnswer>> load_text_answer(sync::ObjectStore& store, const std::string& bucket,
                                                   const std::string& uid) {
  VIVID_ASSIGN(const auto stored, read_manifest(store, bucket, uid));
  // Other classes are jobs of the queue.
  return stored && stored->is_text() ? std::optional(stored->answer(uid)) : std::nullopt;
}

}  // namespace vivid::daemon
