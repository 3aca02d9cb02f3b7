#include "sync/credentials/token_exchange.h"

#include <nlohmann/json.hpp>
#include <random>
#include <variant>

#include "sync/http/retry.h"
#include "sync/http/url.h"

namespace vivid::sync {
namespace {

using nlohmann::json;
constexpr int kTries = 3;
constexpr std::chrono::seconds kTotal{20};
constexpr std::int64_t kMostSeconds = 12L * 3600L;

}  // namespace

HttpRequest token_request(const std::string& url, const std::string& what, Secret form) {
  HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.what = what;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = form.reveal();
  request.limits.total = kTotal;
  return request;
}

Result<HttpResponse> exchange_token(HttpClient& http, const HttpRequest& request) {
  const BackoffOptions backoff{std::chrono::milliseconds(200), std::chrono::milliseconds(2'000), 2.0};
  Random random(std::random_device{}());
  for (int attempt = 1;; ++attempt) {
    auto answer = http.exchange(request);
    const AnswerClass kind = class_of(answer);
    if (kind == AnswerClass::success) return answer;
    if (kind == AnswerClass::transient && attempt < kTries) {
      const auto delay =
          retry_delay(backoff, attempt, random, answer, system_clock().now(), std::chrono::milliseconds(5'000));
      sleep_while(delay, [] { return true; });
      continue;
    }
    if (!answer) return answer;
    Error error = error_of(request.what, *answer);
    // What was sent may come back in the words of the answer.
    if (const auto* body = std::get_if<std::string>(&request.body)) {
      for (std::size_t at = 0; at < body->size();) {
        const std::size_t end = std::min(body->find('&', at), body->size());
        const std::size_t value = body->find('=', at) + 1;
        if (value > 0 && value < end && end - value > 12) {
          error.message = without(std::move(error.message), Secret(body->substr(value, end - value)));
        }
        at = end + 1;
      }
    }
    error.message = without(std::move(error.message), request.bearer);
    // A credential that is refused is not this request's fault.
    if (kind != AnswerClass::transient) error.code = ErrorCode::permission_denied;
    return tl::make_unexpected(std::move(error));
  }
}

Result<AccessToken> parse_token(const HttpResponse& answer, const std::string& what, const Clock& clock) {
  const json document = json::parse(answer.body, nullptr, false);
  if (!document.is_object() || !document.contains("access_token") || !document["access_token"].is_string()) {
    return fail(ErrorCode::unavailable, what + ": the answer holds no access_token");
  }
  std::int64_t seconds = 0;
  if (const auto found = document.find("expires_in"); found != document.end() && found->is_number_integer()) {
    seconds = std::min(found->get<std::int64_t>(), kMostSeconds);
  }
  if (seconds <= 0) return fail(ErrorCode::unavailable, what + ": the answer holds no expires_in");
  return AccessToken{Secret(document["access_token"].get<std::string>()),
                     clock.steady_now() + std::chrono::seconds(seconds)};
}

Status check_secure_url(std::string_view field, const std::string& url) {
  const std::string host = host_of(url);
  if (!host.empty() && (url.starts_with("https://") || is_loopback(host))) return {};
  return fail(ErrorCode::invalid_input,
              std::string(field) + " is no https URL; allowed: https, or http to this machine");
}

}  // namespace vivid::sync
