#include "daemon/intake/text_path.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "render/storyboard/storyboard.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
constexpr std::uint64_t kMaxManifestBytes = 1024 * 1024;
constexpr int kFence = 0;  // rises only with a claim from a central database

std::string prefix_of(const std::string& uid) { return "requests/" + uid + "/" + std::to_string(kFence); }

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
    VIVID_ASSIGN(auto before, load_text_answer(options, uid));
    if (before) {
      before->created = false;
      return std::move(*before);
    }
    VIVID_ASSIGN(const bool queued, parts.is_queued(uid));
    if (queued) {
      return fail(ErrorCode::already_exists,
                  "request " + uid + " is a job of the queue already, with other modalities");
    }
    const WallTime created_at = parts.clock.now();
    ProvidedScript script{request.input, "request", {}};
    if (request.input.empty()) {
      VIVID_ASSIGN(script, parts.scripts.write(request));
    }
    VIVID_ASSIGN(auto storyboard, render::parse_storyboard(script.json));
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
    VIVID_TRY(put("manifest.json", "application/json", answer.manifest));
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

Result<std::optional<TextAnswer>> load_text_answer(const TextPath::Options& options, const std::string& uid) {
  const auto text =
      read_file(options.store_directory / options.bucket / prefix_of(uid) / "manifest.json", kMaxManifestBytes);
  if (!text && text.error().code == ErrorCode::not_found) return std::optional<TextAnswer>();
  if (!text) return tl::make_unexpected(text.error());
  const json manifest = json::parse(*text, nullptr, false);
  if (!manifest.is_object()) return fail(ErrorCode::data_corrupt, "the manifest of request " + uid + " is not JSON");
  // Other classes are jobs of the queue.
  if (manifest.value("class", "") != "text") return std::optional<TextAnswer>();
  const auto time = [&manifest](const char* name) {
    return WallTime(std::chrono::microseconds(manifest.value(name, std::int64_t{0})));
  };
  return TextAnswer{
      uid, manifest.value("correlation_id", ""), time("created_at_us"), time("finished_at_us"), manifest.dump(), true};
}

}  // namespace vivid::daemon
