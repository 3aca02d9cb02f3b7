#include "sync/http/transfer.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace vivid::sync {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64UL * 1024UL;
constexpr long kUploadBufferBytes = 512L * 1024L;
constexpr std::string_view kBlank = " \t\r\n";

CURL* curl_of(void* easy) { return static_cast<CURL*>(easy); }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool is_line(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; }

}  // namespace

Transfer::Transfer(HttpRequest request, HttpDone done, SendBudget& budget)
    : request_(std::move(request)), done_(std::move(done)), budget_(budget) {}

Transfer::~Transfer() {
  if (easy_ != nullptr) curl_easy_cleanup(curl_of(easy_));
  curl_slist_free_all(static_cast<curl_slist*>(header_list_));
}

Status Transfer::prepare(const TransferSettings& settings) {
  easy_ = curl_easy_init();
  if (easy_ == nullptr) return fail(ErrorCode::resource_exhausted, request_.what + ": no memory for a transfer");
  CURL* curl = curl_of(easy_);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, this);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, curl_message_.data());
  curl_easy_setopt(curl, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  // An upload has a connection to itself: many of them over one would share its window.
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, settings.user_agent.c_str());
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!settings.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, settings.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, request_.direct ? "*" : settings.no_proxy.c_str());
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  const HttpLimits& limits = request_.limits;
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  const auto stall = std::chrono::ceil<std::chrono::seconds>(limits.stall);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(stall.count()));
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, limits.max_redirects > 0 ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, static_cast<long>(limits.max_redirects));
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  set_method_and_body();
  // Without "Expect" no upload waits a second for a server that does not know it.
  std::vector<std::string> lines{"Expect:"};
  if (!request_.bearer.empty()) lines.push_back("Authorization: Bearer " + request_.bearer.reveal());
  for (const auto& [name, value] : request_.headers) {
    lines.push_back(value.empty() ? name + ";" : name + ": " + value);
  }
  for (std::string& line : lines) {
    if (!is_line(line)) return fail(ErrorCode::invalid_input, request_.what + ": a header has a line end in it");
    header_list_ = curl_slist_append(static_cast<curl_slist*>(header_list_), line.c_str());
    wipe_text(line);
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(header_list_));
  return {};
}

void Transfer::set_method_and_body() {
  CURL* curl = curl_of(easy_);
  const std::uint64_t bytes = request_.body_bytes();
  const bool has_body =
      bytes > 0 || request_.method == "PUT" || request_.method == "POST" || request_.method == "PATCH";
  if (has_body) {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(bytes));
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, &Transfer::on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, this);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, this);
    if (std::holds_alternative<FileRange>(request_.body)) {
      curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBufferBytes);
    }
  } else if (request_.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void Transfer::finish(int curl_code) {
  if (curl_code != CURLE_OK) return finish(error_of(curl_code));
  long status = 0;
  curl_easy_getinfo(curl_of(easy_), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  std::exchange(done_, {})(std::move(response_));
}

void Transfer::finish(Error error) { std::exchange(done_, {})(tl::make_unexpected(std::move(error))); }

void Transfer::resume() {
  paused_ = false;
  curl_easy_pause(curl_of(easy_), CURLPAUSE_CONT);
}

Error Transfer::error_of(int curl_code) const {
  if (own_error_) return *own_error_;
  const auto code = static_cast<CURLcode>(curl_code);
  const std::string said = curl_message_[0] != '\0' ? curl_message_.data() : curl_easy_strerror(code);
  const std::string message = request_.what + ": " + without(without(said, Secret(request_.url)), request_.bearer);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_FUNCTION_ARGUMENT:
      return {ErrorCode::invalid_input, message};
    case CURLE_TOO_MANY_REDIRECTS:
      return {ErrorCode::permission_denied, message};
    case CURLE_OUT_OF_MEMORY:
      return {ErrorCode::resource_exhausted, message};
    default:
      return {ErrorCode::unavailable, message};
  }
}

// --- What libcurl calls ----------------------------------------------------------------------------------------------

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  return transfer.take_header({data, size * count}) ? size * count : 0;
}

bool Transfer::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    own_error_ = Error{ErrorCode::too_large, request_.what + ": the answer's headers are longer than the allowed " +
                                                 std::to_string(kMaxHeaderBytes) + " bytes"};
    return false;
  }
  if (line.starts_with("HTTP/")) {
    response_.headers.clear();
    response_.body.clear();
    return true;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  response_.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  return true;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  const std::uint64_t allowed = transfer.request_.limits.max_body_bytes;
  if (transfer.response_.body.size() + bytes > allowed) {
    transfer.own_error_ =
        Error{ErrorCode::too_large,
              transfer.request_.what + ": the answer is longer than the allowed " + std::to_string(allowed) + " bytes"};
    return 0;
  }
  transfer.response_.body.append(data, bytes);
  return bytes;
}

std::size_t Transfer::on_read(char* buffer, std::size_t size, std::size_t count, void* self) noexcept {
  return static_cast<Transfer*>(self)->read_body(buffer, size * count);
}

std::size_t Transfer::read_body(char* buffer, std::size_t capacity) {
  const std::uint64_t left = request_.body_bytes() - position_bytes_;
  auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, capacity));
  if (wanted == 0) return 0;
  if (const auto* text = std::get_if<std::string>(&request_.body)) {
    std::memcpy(buffer, text->data() + position_bytes_, wanted);
  } else {
    wanted = budget_.take(wanted, system_clock().steady_now());
    if (wanted == 0) {
      paused_ = true;
      return CURL_READFUNC_PAUSE;
    }
    const FileRange& range = std::get<FileRange>(request_.body);
    const ssize_t got =
        ::pread(range.file->get(), buffer, wanted, static_cast<off_t>(range.offset_bytes + position_bytes_));
    if (got <= 0) {
      own_error_ = got == 0 ? Error{ErrorCode::data_corrupt, request_.what + ": the file became shorter"}
                            : errno_error(errno, request_.what + ": reading the file");
      return CURL_READFUNC_ABORT;
    }
    wanted = static_cast<std::size_t>(got);
  }
  position_bytes_ += wanted;
  request_.progress->sent_bytes = position_bytes_;
  return wanted;
}

// libcurl sends again what a connection that had been closed meanwhile did not take. Not a part of a file: the other
// side may have kept it, and is to be asked first.
int Transfer::on_seek(void* self, std::int64_t offset, int origin) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  const bool is_file = std::holds_alternative<FileRange>(transfer.request_.body);
  if (origin != SEEK_SET || offset < 0 || is_file) return CURL_SEEKFUNC_FAIL;
  transfer.position_bytes_ = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

}  // namespace vivid::sync
