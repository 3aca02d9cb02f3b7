// HTTP with an access token: a refused token is renewed once, and what may help is tried again.
//
// Threads: every method from any thread; they block their caller. Ownership: client and credentials must outlive it.
// Errors: as HttpClient, and those of the credentials. Messages may quote what a service said, never a token.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "base/backoff.h"
#include "base/clock.h"
#include "sync/credentials/credentials.h"
#include "sync/http/http_client.h"

namespace vivid::sync {

struct RetryPolicy {
  BackoffOptions backoff{std::chrono::milliseconds(1'000), std::chrono::milliseconds(64'000), 2.0};
  // Without any success for so long the failure is final for this caller.
  std::chrono::milliseconds patience{std::chrono::minutes(5)};
};

class GoogleClient {
 public:
  GoogleClient(HttpClient& http, Credentials& credentials, const Clock& clock, RetryPolicy policy)
      : http_(http), credentials_(credentials), clock_(clock), policy_(policy) {}

  // The answer, whatever its status. 401: once more with a fresh token.
  Result<HttpResponse> once(const HttpRequest& request, const HttpClient::Watch& watch = {});
  // The same, tried again while it is worth it; `go_on` false ends it with `cancelled`.
  Result<HttpResponse> ask(const HttpRequest& request, const std::function<bool()>& go_on = {}) {
    return ask(request, go_on, policy_);
  }
  Result<HttpResponse> ask(const HttpRequest& request, const std::function<bool()>& go_on, const RetryPolicy& policy);

  // Whoever waits comes back soon, with `cancelled`; nothing more is sent.
  void stop() {
    stopping_ = true;
    http_.stop();
  }
  bool stopping() const { return stopping_; }

  const RetryPolicy& policy() const { return policy_; }
  const Clock& clock() const { return clock_; }

 private:
  HttpClient& http_;
  Credentials& credentials_;
  const Clock& clock_;
  const RetryPolicy policy_;
  std::atomic<bool> stopping_{false};
};

// Waits between the tries of one undertaking, and says when there were enough.
//
// Threads: one.
class Patience {
 public:
  explicit Patience(const GoogleClient& client) : Patience(client, client.policy()) {}
  Patience(const GoogleClient& client, const RetryPolicy& policy);

  // After a failed try: waits before the next; false: no more. `go_on` false ends the wait.
  bool wait(const Result<HttpResponse>& answer, const std::function<bool()>& go_on);
  // Something was achieved: counts from here.
  void renew();

 private:
  const GoogleClient& client_;
  const RetryPolicy policy_;
  Random random_;
  SteadyTime since_;
  int failures_ = 0;
};

}  // namespace vivid::sync
