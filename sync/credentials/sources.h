// The kinds of credential, each made from its file's JSON.
//
// Threads, ownership, errors: as TokenSource; http and clock must outlive them. invalid_input from make_…: a field is
// missing or wrong, by its name.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/clock.h"
#include "sync/credentials/token_source.h"
#include "sync/http/http_client.h"

namespace vivid::sync {

struct SourceParts {
  HttpClient& http;
  const Clock& clock;
};
using SourceResult = Result<std::unique_ptr<TokenSource>>;

// A text member that must be there.
Result<std::string> required_text(const nlohmann::json& document, const char* field);

SourceResult make_service_account(const nlohmann::json& document, SourceParts parts);
SourceResult make_authorized_user(const nlohmann::json& document, SourceParts parts);
// Workload identity federation: somebody else's token, from a file or a URL, for one of Google's.
SourceResult make_external_account(const nlohmann::json& document, SourceParts parts);
// Takes another service account's part with the tokens of `inner`.
SourceResult make_impersonation(const std::string& url, std::unique_ptr<TokenSource> inner, SourceParts parts);
// The machine's own account; `host` may have a port.
SourceResult make_metadata_server(const std::string& host, SourceParts parts);

}  // namespace vivid::sync
