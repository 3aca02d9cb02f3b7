#include "sync/storage/resumable_upload.h"

#include <algorithm>
#include <optional>
#include <type_traits>

#include "base/log.h"
#include "sync/http/retry.h"

namespace vivid::sync {
namespace {

constexpr int kResumeIncomplete = 308;
constexpr int kNotFound = 404;
constexpr int kGone = 410;
constexpr int kPreconditionFailed = 412;
constexpr int kBadRequest = 400;
constexpr int kMostSessions = 4;
constexpr std::chrono::seconds kSaveEvery{1};
// The service forgets a session after a week; one that is nearly as old is not worth the hope.
constexpr std::chrono::hours kSessionLife{6 * 24};

}  // namespace

ResumableUpload::ResumableUpload(Parts parts, NewObject object, Source source, const PutProgress& progress)
    : parts_(parts),
      object_(std::move(object)),
      source_(std::move(source)),
      progress_(progress),
      patience_(parts.client) {}

bool ResumableUpload::go_on(std::uint64_t sent_bytes) const {
  return !progress_ || progress_(record_.confirmed_bytes + sent_bytes, object_.size_bytes);
}

Result<ResumableUpload::Outcome> ResumableUpload::run() {
  bool in_doubt = load_record();
  bool has_session = in_doubt;
  int sessions = has_session ? 1 : 0;
  for (;;) {
    if (!has_session) {
      if (++sessions > kMostSessions) {
        return fail(ErrorCode::unavailable, "the upload of " + gs_url(object_.bucket, object_.name) + " lost its " +
                                                std::to_string(kMostSessions) + " sessions");
      }
      VIVID_ASSIGN(const auto started, start());
      if (std::holds_alternative<NameConflict>(started)) return NameConflict{};
      has_session = true;
      in_doubt = false;
    }
    auto step = in_doubt ? query() : send_chunk();
    if (!step) {
      if (disposition_of(step.error().code) == Disposition::fail) forget();
      return tl::make_unexpected(std::move(step).error());
    }
    if (auto* object = std::get_if<RemoteObject>(&*step)) {
      parts_.ledger.erase(object_.bucket, object_.name);
      return std::move(*object);
    }
    if (std::holds_alternative<NameConflict>(*step)) {
      forget();
      return NameConflict{};
    }
    if (const auto* kept = std::get_if<Kept>(&*step)) {
      const bool moved = kept->bytes > record_.confirmed_bytes;
      VIVID_TRY(note_kept(kept->bytes));
      if (moved) patience_.renew();
      if (moved || in_doubt) {
        in_doubt = false;
        continue;
      }
    }
    if (std::holds_alternative<SessionGone>(*step)) {
      log::warning("an upload begins afresh: its session is gone", {{"object", gs_url(object_.bucket, object_.name)}});
      parts_.ledger.erase(object_.bucket, object_.name);
      has_session = false;
    }
    in_doubt = has_session;
    if (patience_.wait(last_answer_, [this] { return go_on(0); })) continue;
    if (parts_.client.stopping() || !go_on(0))
      return fail(ErrorCode::cancelled, "the upload of " + object_.name + " was cancelled");
    if (!last_answer_) return tl::make_unexpected(last_answer_.error());
    return fail(ErrorCode::unavailable,
                error_of("the upload of " + gs_url(object_.bucket, object_.name), *last_answer_).message);
  }
}

// A session of an earlier run serves when it was for these very bytes.
bool ResumableUpload::load_record() {
  auto record = parts_.ledger.find(object_.bucket, object_.name);
  if (!record) return false;
  const bool same = record->file == source_.identity && record->crc32c == object_.crc32c;
  const bool alive = parts_.client.clock().now() - record->started_at < kSessionLife;
  record_ = std::move(*record);
  if (same && alive && parts_.api.is_ours(record_.session_uri)) {
    log::info("an upload goes on", {{"object", gs_url(object_.bucket, object_.name)},
                                    {"confirmed_bytes", record_.confirmed_bytes},
                                    {"size_bytes", object_.size_bytes}});
    return true;
  }
  forget();
  return false;
}

Result<std::variant<NameConflict, ResumableUpload::Kept>> ResumableUpload::start() {
  const HttpRequest request = parts_.api.start_session(object_);
  VIVID_ASSIGN(const HttpResponse answer, parts_.client.ask(request, [this] { return go_on(0); }));
  if (answer.status == kPreconditionFailed) return NameConflict{};
  if (class_of(answer) != AnswerClass::success) return tl::make_unexpected(error_of(request.what, answer));
  const std::string* location = answer.header("Location");
  if (location == nullptr) return fail(ErrorCode::unavailable, request.what + ": the answer names no session");
  record_ = {object_.bucket,
             object_.name,
             Secret(*location),
             parts_.client.clock().now(),
             source_.identity,
             object_.crc32c,
             0};
  if (!parts_.api.is_ours(record_.session_uri)) {
    return fail(ErrorCode::permission_denied, request.what + ": its session would be on another host");
  }
  VIVID_TRY(parts_.ledger.save(record_));
  saved_at_ = parts_.client.clock().steady_now();
  return Kept{0};
}

Result<ResumableUpload::Step> ResumableUpload::query() {
  last_answer_ = parts_.client.once(parts_.api.query_session(object_, record_.session_uri),
                                    [this](std::uint64_t) { return go_on(0); });
  return judge(last_answer_, object_.size_bytes, true);
}

Result<ResumableUpload::Step> ResumableUpload::send_chunk() {
  const std::uint64_t from = record_.confirmed_bytes;
  const std::uint64_t length = std::min(parts_.chunk_bytes, object_.size_bytes - from);
  // All bytes are kept, and no object was answered yet.
  if (length == 0) return query();
  last_answer_ = parts_.client.once(parts_.api.send_chunk(object_, record_.session_uri, {source_.file, from, length}),
                                    [this](std::uint64_t sent) { return go_on(sent); });
  return judge(last_answer_, from + length, false);
}

Result<ResumableUpload::Step> ResumableUpload::judge(const Result<HttpResponse>& answer, std::uint64_t sent_to,
                                                     bool queried) {
  if (!answer) {
    if (class_of(answer) != AnswerClass::transient) return tl::make_unexpected(answer.error());
    return Doubt{};
  }
  if (answer->status == kResumeIncomplete) return judge_kept(*answer, sent_to, queried);
  if (answer->status >= 200 && answer->status < 300) {
    auto object = parse_object(answer->body);
    // The object is there, whatever became of the answer: asked again, the service says it again.
    if (!object) {
      last_answer_ = fail(ErrorCode::unavailable, object.error().message);
      return Doubt{};
    }
    return std::move(*object);
  }
  if (answer->status == kNotFound || answer->status == kGone) return SessionGone{};
  if (answer->status == kPreconditionFailed) return NameConflict{};
  if (class_of(answer) == AnswerClass::transient) return Doubt{};
  return judge_refusal(*answer);
}

Result<ResumableUpload::Step> ResumableUpload::judge_kept(const HttpResponse& answer, std::uint64_t sent_to,
                                                          bool queried) {
  const auto kept = kept_bytes(answer);
  if (!kept) return broken(kept.error().message);
  if (!*kept && !queried) return Doubt{};
  const std::uint64_t bytes = kept->value_or(0);
  if (bytes > sent_to || bytes > object_.size_bytes) {
    return broken("the service says it keeps " + std::to_string(bytes) + " bytes; sent: " + std::to_string(sent_to));
  }
  if (bytes < record_.confirmed_bytes) {
    return broken("the service says it keeps " + std::to_string(bytes) + " bytes; it had confirmed " +
                  std::to_string(record_.confirmed_bytes));
  }
  return Kept{bytes};
}

Result<ResumableUpload::Step> ResumableUpload::judge_refusal(const HttpResponse& answer) {
  Error error = error_of("the upload of " + gs_url(object_.bucket, object_.name), answer);
  error.message = without(std::move(error.message), record_.session_uri);
  // The bytes that arrived are not those announced: the same file again may do, and is looked at first.
  if (answer.status == kBadRequest && error.message.find("CRC32C") != std::string::npos) {
    forget();
    error.code = ErrorCode::data_corrupt;
  }
  return tl::make_unexpected(std::move(error));
}

// The session is not to be trusted any more; the next try begins with a new one.
tl::unexpected<Error> ResumableUpload::broken(const std::string& what) {
  forget();
  return fail(ErrorCode::data_corrupt, "the upload of " + gs_url(object_.bucket, object_.name) + ": " + what);
}

Result<void> ResumableUpload::note_kept(std::uint64_t bytes) {
  if (bytes == record_.confirmed_bytes) return {};
  record_.confirmed_bytes = bytes;
  // What is on disk need not be the latest: whoever goes on from it asks the service first.
  const SteadyTime now = parts_.client.clock().steady_now();
  if (now - saved_at_ < kSaveEvery) return {};
  saved_at_ = now;
  return parts_.ledger.save(record_);
}

// Ends the session, as far as the service can be told, and its record.
void ResumableUpload::forget() {
  if (parts_.api.is_ours(record_.session_uri)) {
    const auto ended = parts_.client.once(parts_.api.cancel_session(object_.bucket, object_.name, record_.session_uri));
    // 499 is what the service answers; whatever else it is, the session ends by itself within a week.
    if (!ended) log::debug("an upload's session is not ended", {{"reason", ended.error().message}});
  }
  record_ = {};
  parts_.ledger.erase(object_.bucket, object_.name);
}

}  // namespace vivid::sync
