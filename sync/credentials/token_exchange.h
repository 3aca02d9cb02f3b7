// The requests that tokens are bought with, and their answers.
//
// Threads: exchange_token() blocks. Errors: as TokenSource.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "sync/credentials/token_source.h"
#include "sync/http/http_client.h"

namespace vivid::sync {

// All of Google's cloud; what may be done is decided by the account's roles.
inline constexpr const char* kCloudScope = "https://www.googleapis.com/auth/cloud-platform";
inline constexpr const char* kGoogleTokenUri = "https://oauth2.googleapis.com/token";

// A form to a token endpoint.
HttpRequest token_request(const std::string& url, const std::string& what, Secret form);

// The answer to a request for a token; what may help is tried again, twice. 2xx only.
Result<HttpResponse> exchange_token(HttpClient& http, const HttpRequest& request);

// {"access_token": …, "expires_in": …}
Result<AccessToken> parse_token(const HttpResponse& answer, const std::string& what, const Clock& clock);

// https, or http to this machine: where a secret may be sent. The error names `field`.
Status check_secure_url(std::string_view field, const std::string& url);

}  // namespace vivid::sync
