// A signed statement (JWT, RS256) as token endpoints take it.
//
// Threads: pure. Errors: invalid_input for a key that cannot sign, without a word of it.
#pragma once

#include <string>

#include "base/error.h"
#include "sync/http/secret.h"

namespace vivid::sync {

// `header` and `claims` are JSON; `private_key` is PEM.
Result<Secret> sign_jwt(const std::string& header, const std::string& claims, const Secret& private_key);

}  // namespace vivid::sync
