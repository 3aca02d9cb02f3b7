// What to do about an answer: the one place that says which failures are worth another try, when, and as which error
// the others end.
//
// Threads: pure functions; `random` belongs to the caller's thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/error.h"
#include "sync/http/http_message.h"

namespace vivid::sync {

enum class AnswerClass {
  success,       // below 400
  transient,     // no answer, 408, 429, 5xx: the same again may do
  unauthorized,  // 401: worth one fresh token
  permanent,     // all others
};
AnswerClass class_of(const Result<HttpResponse>& answer);

// The error that this failed answer amounts to: `what`, the status, and what the service said of it, however it wrote
// its body. Secrets are for `without()`.
Error error_of(const std::string& what, const HttpResponse& answer);

// Retry-After, as seconds or as a date; none: absent or unreadable.
std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& answer, WallTime now);

// How long to wait before try number `attempt` + 1: full jitter, and not less than the service asks for, up to
// `longest_asked`.
std::chrono::milliseconds retry_delay(const BackoffOptions& options, int attempt, Random& random,
                                      const Result<HttpResponse>& answer, WallTime now,
                                      std::chrono::milliseconds longest_asked = std::chrono::minutes(2));

// Sleeps; false as soon as `go_on` says so, which is asked a few times a second.
bool sleep_while(std::chrono::milliseconds time, const std::function<bool()>& go_on);

}  // namespace vivid::sync
