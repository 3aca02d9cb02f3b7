#include "sync/http/retry.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/utf8.h"

namespace vivid::sync {
namespace {

using nlohmann::json;
constexpr std::size_t kMaxShownBytes = 300;
constexpr std::chrono::milliseconds kSlice{100};
constexpr int kTimeout = 408;
constexpr int kUnauthorized = 401;
constexpr int kTooMany = 429;

ErrorCode code_of(int status) {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return ErrorCode::permission_denied;
    case 404:
    case 410:
      return ErrorCode::not_found;
    case 409:
    case 412:
      return ErrorCode::already_exists;
    case 413:
      return ErrorCode::too_large;
    case kTooMany:
      return ErrorCode::resource_exhausted;
    default:
      return status == kTimeout || status >= 500 ? ErrorCode::unavailable : ErrorCode::invalid_input;
  }
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? "" : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// {"error": {"message": "…"}}, {"error": "…", "error_description": "…"}, a message that is an object, plain text: all
// of these are sent by somebody.
std::string said(const std::string& body) {
  const json document = json::parse(body, nullptr, false);
  std::string text;
  if (document.is_object() && document.contains("error")) {
    const json& error = document["error"];
    text = text_of(error.is_object() && error.contains("message") ? error["message"] : error);
    if (document.contains("error_description")) text += ": " + text_of(document["error_description"]);
  } else if (document.is_discarded()) {
    text = body;
  }
  if (!is_valid_utf8(text)) return "";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return std::string(cut_between_characters(text, kMaxShownBytes));
}

}  // namespace

AnswerClass class_of(const Result<HttpResponse>& answer) {
  if (!answer) {
    return disposition_of(answer.error().code) == Disposition::retry ? AnswerClass::transient : AnswerClass::permanent;
  }
  const int status = answer->status;
  if (status < 400) return AnswerClass::success;
  if (status == kUnauthorized) return AnswerClass::unauthorized;
  return status == kTimeout || status == kTooMany || status >= 500 ? AnswerClass::transient : AnswerClass::permanent;
}

Error error_of(const std::string& what, const HttpResponse& answer) {
  std::string message = what + ": HTTP status " + std::to_string(answer.status);
  if (const std::string text = said(answer.body); !text.empty()) message += ": " + text;
  return {code_of(answer.status), message};
}

std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& answer, WallTime now) {
  const std::string* text = answer.header("Retry-After");
  if (text == nullptr || text->empty()) return std::nullopt;
  long seconds = 0;
  const char* const end = text->data() + text->size();
  if (const auto read = std::from_chars(text->data(), end, seconds); read.ec == std::errc() && read.ptr == end) {
    constexpr long kMostSeconds = 24L * 3600L;
    return std::chrono::seconds(std::clamp(seconds, 0L, kMostSeconds));
  }
  const std::time_t date = curl_getdate(text->c_str(), nullptr);
  if (date == -1) return std::nullopt;
  const auto delay = WallTime(std::chrono::seconds(date)) - now;
  return std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(delay));
}

std::chrono::milliseconds retry_delay(const BackoffOptions& options, int attempt, Random& random,
                                      const Result<HttpResponse>& answer, WallTime now,
                                      std::chrono::milliseconds longest_asked) {
  const auto delay = full_jitter(options, attempt, random);
  const auto asked = answer ? retry_after(*answer, now) : std::nullopt;
  return std::max(delay, std::min(asked.value_or(std::chrono::milliseconds(0)), longest_asked));
}

bool sleep_while(std::chrono::milliseconds time, const std::function<bool()>& go_on) {
  const SteadyTime until = std::chrono::steady_clock::now() + time;
  for (;;) {
    if (!go_on()) return false;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left <= std::chrono::milliseconds(0)) return true;
    std::this_thread::sleep_for(std::min(left, kSlice));
  }
}

}  // namespace vivid::sync
