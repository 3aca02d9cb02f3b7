#include "sync/storage/gcs_object_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/digest.h"
#include "base/log.h"
#include "sync/http/retry.h"
#include "sync/storage/object_name.h"

namespace vivid::sync {
namespace {

constexpr int kNotFound = 404;
constexpr int kPreconditionFailed = 412;
constexpr int kBadRequest = 400;
constexpr int kMostConflicts = 3;
constexpr std::uint64_t kErrorBytes = 64 * 1024;
constexpr std::chrono::hours kForgetAfter{7 * 24};
constexpr std::chrono::hours kSweepEvery{1};
// Whoever reads wants to know now.
constexpr std::chrono::seconds kReadPatience{5};
// Which of an object's metadata say whose it is.
constexpr const char* kOwnerKeys[] = {"request", "fence"};

Result<std::string> read_whole(int fd, std::uint64_t size, const std::filesystem::path& path) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read", path);
    if (got == 0) return fail(ErrorCode::data_corrupt, path.string() + " became shorter while it was read");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string crc32c_of(const std::string& bytes) {
  Crc32c crc;
  crc.update(std::as_bytes(std::span(bytes)));
  return crc.to_base64();
}

bool same_owner(const NewObject& object, const RemoteObject& remote) {
  for (const char* key : kOwnerKeys) {
    const auto ours = object.metadata.find(key);
    const auto theirs = remote.metadata.find(key);
    if (ours == object.metadata.end() || theirs == remote.metadata.end() || ours->second != theirs->second) {
      return false;
    }
  }
  return true;
}

tl::unexpected<Error> wrong_crc(const PutRequest& request, const std::string& crc32c) {
  return fail(ErrorCode::data_corrupt,
              request.file.string() + " has crc32c " + crc32c + "; expected: " + request.expected_crc32c.value_or(""));
}

}  // namespace

struct GcsObjectStore::Local {
  std::shared_ptr<const UniqueFd> file;
  FileIdentity identity;
  std::filesystem::path path;
};

GcsObjectStore::GcsObjectStore(GoogleClient& client, Options options)
    : client_(client),
      options_(std::move(options)),
      api_(options_.endpoint, options_.limits),
      ledger_(options_.ledger) {}

std::string GcsObjectStore::full_name(const std::string& name) const {
  return options_.prefix.empty() ? name : options_.prefix + "/" + name;
}

// --- Putting ---------------------------------------------------------------------------------------------------------

Result<ObjectFacts> GcsObjectStore::put(const PutRequest& request, const PutProgress& progress) {
  VIVID_TRY(check_bucket_name(request.bucket));
  NewObject object{request.bucket,
                   full_name(request.name),
                   request.content_type,
                   request.cache_control,
                   request.metadata,
                   request.expected_crc32c.value_or(""),
                   0,
                   0};
  VIVID_TRY(check_object_name(object.name));
  sweep();
  Local local{
      std::make_shared<const UniqueFd>(::open(request.file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)),
      {},
      request.file};
  if (!*local.file) return fail_errno("open", request.file);
  struct stat facts {};
  if (::fstat(local.file->get(), &facts) != 0) return fail_errno("stat", request.file);
  if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::invalid_input, request.file.string() + " is not a regular file");
  local.identity = {static_cast<std::uint64_t>(facts.st_size),
                    facts.st_mtim.tv_sec * std::int64_t{1'000'000'000} + facts.st_mtim.tv_nsec, facts.st_ino,
                    facts.st_dev};
  object.size_bytes = local.identity.size_bytes;
  if (request.expected_size_bytes && object.size_bytes != *request.expected_size_bytes) {
    return fail(ErrorCode::data_corrupt, request.file.string() + " has " + std::to_string(object.size_bytes) +
                                             " bytes; expected: " + std::to_string(*request.expected_size_bytes));
  }
  std::string sha256;
  if (const auto given = request.metadata.find("sha256"); given != request.metadata.end()) sha256 = given->second;
  if (object.crc32c.empty()) {
    VIVID_ASSIGN(const FileFacts described, describe_file(request.file));
    object.crc32c = described.crc32c;
    sha256 = described.sha256;
  }
  std::optional<RemoteObject> remote;
  for (int conflicts = 0; !remote; ++conflicts) {
    auto outcome = upload(object, local, progress);
    if (!outcome) {
      // The service computed another CRC32C: is it the file, or was it the way?
      if (outcome.error().code == ErrorCode::data_corrupt) VIVID_TRY(check_local(request, object));
      return tl::make_unexpected(std::move(outcome).error());
    }
    if (auto* uploaded = std::get_if<RemoteObject>(&*outcome)) {
      VIVID_TRY(check_remote(object, *uploaded));
      remote = std::move(*uploaded);
    } else if (conflicts == kMostConflicts) {
      return fail(ErrorCode::already_exists, gs_url(object.bucket, object.name) + " changes under the upload");
    } else {
      VIVID_ASSIGN(remote, settle_conflict(object));
    }
  }
  return ObjectFacts{gs_url(object.bucket, object.name), object.name, remote->size_bytes, sha256, remote->crc32c};
}

Result<ResumableUpload::Outcome> GcsObjectStore::upload(const NewObject& object, const Local& local,
                                                        const PutProgress& progress) {
  if (object.size_bytes <= options_.whole_up_to_bytes) return upload_whole(object, local, progress);
  ResumableUpload upload({client_, api_, ledger_, options_.chunk_bytes}, object, {local.file, local.identity},
                         progress);
  return upload.run();
}

Result<ResumableUpload::Outcome> GcsObjectStore::upload_whole(const NewObject& object, const Local& local,
                                                              const PutProgress& progress) {
  VIVID_ASSIGN(const std::string bytes, read_whole(local.file->get(), object.size_bytes, local.path));
  if (crc32c_of(bytes) != object.crc32c) {
    return fail(ErrorCode::data_corrupt, local.path.string() + " is not what it was expected to be");
  }
  const HttpRequest request = api_.upload_whole(object, bytes);
  Patience patience(client_);
  const auto go_on = [&] { return !progress || progress(0, object.size_bytes); };
  for (;;) {
    Result<HttpResponse> answer = client_.ask(request, go_on);
    if (!answer) return tl::make_unexpected(std::move(answer).error());
    if (answer->status == kPreconditionFailed) return NameConflict{};
    if (class_of(answer) != AnswerClass::success) {
      Error error = error_of(request.what, *answer);
      if (answer->status == kBadRequest && error.message.find("CRC32C") != std::string::npos) {
        error.code = ErrorCode::data_corrupt;
      }
      return tl::make_unexpected(std::move(error));
    }
    if (auto object_there = parse_object(answer->body)) return std::move(*object_there);
    // Sent again it meets the object that is there by now, which is then looked at.
    if (!patience.wait(answer, go_on)) {
      return fail(ErrorCode::unavailable, request.what + ": the answer cannot be read");
    }
  }
}

// After a 412: our own object, which an answer that was lost had told of; or nothing yet, but `object` says what to
// replace now.
Result<std::optional<RemoteObject>> GcsObjectStore::settle_conflict(NewObject& object) {
  VIVID_ASSIGN(auto remote, describe(object.bucket, object.name));
  if (!remote) {
    object.replaces_generation = 0;
    return remote;
  }
  if (!same_owner(object, *remote)) {
    return fail(ErrorCode::already_exists,
                gs_url(object.bucket, object.name) + " is there already, and not of this request and fence");
  }
  if (remote->size_bytes == object.size_bytes && remote->crc32c == object.crc32c) return remote;
  object.replaces_generation = remote->generation;
  return std::optional<RemoteObject>();
}

Result<std::optional<RemoteObject>> GcsObjectStore::describe(const std::string& bucket, const std::string& name) {
  const HttpRequest request = api_.describe(bucket, name);
  VIVID_ASSIGN(const HttpResponse answer, client_.ask(request));
  if (answer.status == kNotFound) return std::optional<RemoteObject>();
  if (class_of(answer) != AnswerClass::success) return tl::make_unexpected(error_of(request.what, answer));
  VIVID_ASSIGN(RemoteObject object, parse_object(answer.body));
  return std::optional(std::move(object));
}

Status GcsObjectStore::check_remote(const NewObject& object, const RemoteObject& remote) {
  if (remote.size_bytes == object.size_bytes && remote.crc32c == object.crc32c) return {};
  const auto removed = client_.ask(api_.remove(object.bucket, object.name, remote.generation));
  if (!removed) log::warning("a broken object is not removed", {{"reason", removed.error().message}});
  return fail(ErrorCode::data_corrupt, gs_url(object.bucket, object.name) + " arrived with " +
                                           std::to_string(remote.size_bytes) + " bytes and crc32c " + remote.crc32c +
                                           "; expected: " + std::to_string(object.size_bytes) + " and " +
                                           object.crc32c);
}

Status GcsObjectStore::check_local(const PutRequest& request, const NewObject& object) const {
  VIVID_ASSIGN(const FileFacts facts, describe_file(request.file));
  if (facts.crc32c != object.crc32c) return wrong_crc(request, facts.crc32c);
  return {};
}

// --- Reading and removing --------------------------------------------------------------------------------------------

Result<std::string> GcsObjectStore::read(const std::string& bucket, const std::string& name,
                                         std::uint64_t limit_bytes) {
  VIVID_TRY(check_bucket_name(bucket));
  const std::string full = full_name(name);
  VIVID_TRY(check_object_name(full));
  // What an error says must fit, too.
  HttpRequest request = api_.download(bucket, full, std::max(limit_bytes, kErrorBytes));
  request.limits.total = kReadPatience;
  RetryPolicy policy = client_.policy();
  policy.patience = kReadPatience;
  VIVID_ASSIGN(HttpResponse answer, client_.ask(request, {}, policy));
  if (answer.status == kNotFound) return fail(ErrorCode::not_found, gs_url(bucket, full) + " does not exist");
  if (class_of(answer) != AnswerClass::success) return tl::make_unexpected(error_of(request.what, answer));
  if (answer.body.size() > limit_bytes) {
    return fail(ErrorCode::too_large,
                gs_url(bucket, full) + " is longer than the allowed " + std::to_string(limit_bytes) + " bytes");
  }
  return std::move(answer.body);
}

Result<std::uint64_t> GcsObjectStore::remove(const std::string& bucket, const std::string& name) {
  VIVID_TRY(check_bucket_name(bucket));
  const std::string full = full_name(name);
  VIVID_TRY(check_object_name(full));
  // First the uploads: one that ended behind the list would leave its object.
  end_sessions(bucket, full);
  VIVID_ASSIGN(const auto names, names_below(bucket, full));
  std::uint64_t removed = 0;
  for (const std::string& each : names) {
    const HttpRequest request = api_.remove(bucket, each, 0);
    VIVID_ASSIGN(const HttpResponse answer, client_.ask(request));
    if (answer.status == kNotFound) continue;
    if (class_of(answer) != AnswerClass::success) return tl::make_unexpected(error_of(request.what, answer));
    ++removed;
  }
  return removed;
}

void GcsObjectStore::end_sessions(const std::string& bucket, const std::string& name) {
  for (const UploadRecord& record : ledger_.below(bucket, name)) {
    if (api_.is_ours(record.session_uri)) {
      const auto ended = client_.ask(api_.cancel_session(record.bucket, record.name, record.session_uri));
      if (!ended) log::warning("an upload's session is not ended", {{"reason", ended.error().message}});
    }
    ledger_.erase(record.bucket, record.name);
  }
}

Result<std::vector<std::string>> GcsObjectStore::names_below(const std::string& bucket, const std::string& name) {
  std::vector<std::string> names;
  std::string page_token;
  do {
    const HttpRequest request = api_.list(bucket, name, page_token);
    VIVID_ASSIGN(const HttpResponse answer, client_.ask(request));
    if (class_of(answer) != AnswerClass::success) return tl::make_unexpected(error_of(request.what, answer));
    VIVID_ASSIGN(ObjectPage page, parse_page(answer.body));
    for (std::string& each : page.names) {
      if (each == name || each.starts_with(name + "/")) names.push_back(std::move(each));
    }
    page_token = std::move(page.next_page_token);
  } while (!page_token.empty());
  return names;
}

// Records of uploads that nobody went on with outlive their sessions; they are dropped now and then.
void GcsObjectStore::sweep() {
  const std::int64_t now = client_.clock().now().time_since_epoch().count();
  std::int64_t last = swept_at_us_.load();
  constexpr std::int64_t kEveryUs = std::chrono::microseconds(kSweepEvery).count();
  if (now - last < kEveryUs || !swept_at_us_.compare_exchange_strong(last, now)) return;
  ledger_.forget_before(client_.clock().now() - kForgetAfter);
}

}  // namespace vivid::sync
