// Where access tokens come from: one class a kind of credential.
//
// Threads: fetch() from one thread at a time; it blocks on network and disk. Errors: permission_denied and
// invalid_input (the credential), unavailable (who issues tokens does not answer), not_found (a file); never with a
// secret in the message.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "sync/http/secret.h"

namespace vivid::sync {

struct AccessToken {
  Secret text;
  SteadyTime expires_at{};
};

class TokenSource {
 public:
  virtual ~TokenSource() = default;
  virtual Result<AccessToken> fetch() = 0;
  // "service account lessons@p.iam.gserviceaccount.com": for logs.
  virtual std::string describe() const = 0;
};

}  // namespace vivid::sync
