#include "sync/credentials/google_client.h"

#include <random>

#include "sync/http/retry.h"

namespace vivid::sync {
namespace {

bool always(const std::function<bool()>& go_on) { return !go_on || go_on(); }

}  // namespace

Result<HttpResponse> GoogleClient::once(const HttpRequest& request, const HttpClient::Watch& watch) {
  for (int attempt = 1;; ++attempt) {
    VIVID_ASSIGN(const Secret token, credentials_.token());
    HttpRequest authorized = request;
    authorized.bearer = token;
    auto answer = http_.exchange(std::move(authorized), watch);
    if (!answer) return answer;
    // A service may quote what it was sent, and its words end in messages.
    if (answer->status >= 400) answer->body = without(std::move(answer->body), token);
    if (answer->status != 401 || credentials_.anonymous() || attempt > 1) return answer;
    credentials_.reject(token);
  }
}

Result<HttpResponse> GoogleClient::ask(const HttpRequest& request, const std::function<bool()>& go_on,
                                       const RetryPolicy& policy) {
  Patience patience(*this, policy);
  for (;;) {
    auto answer = once(request, [&go_on](std::uint64_t) { return always(go_on); });
    if (class_of(answer) != AnswerClass::transient) return answer;
    if (patience.wait(answer, go_on)) continue;
    if (stopping_ || !always(go_on)) return fail(ErrorCode::cancelled, request.what + " was cancelled");
    return answer;
  }
}

Patience::Patience(const GoogleClient& client, const RetryPolicy& policy)
    : client_(client), policy_(policy), random_(std::random_device{}()), since_(client.clock().steady_now()) {}

bool Patience::wait(const Result<HttpResponse>& answer, const std::function<bool()>& go_on) {
  ++failures_;
  const auto delay = retry_delay(policy_.backoff, failures_, random_, answer, client_.clock().now());
  if (client_.clock().steady_now() + delay - since_ > policy_.patience) return false;
  return sleep_while(delay, [&] { return !client_.stopping() && always(go_on); });
}

void Patience::renew() {
  failures_ = 0;
  since_ = client_.clock().steady_now();
}

}  // namespace vivid::sync
