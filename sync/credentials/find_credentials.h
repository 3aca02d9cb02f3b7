// Which credential this host has: the one the configuration names, else what Google's own programs would find.
//
//   file of the configuration ▸ systemd credential "google-credentials" ▸ $GOOGLE_APPLICATION_CREDENTIALS
//   ▸ gcloud's application-default file ▸ metadata server
//
// Threads: called once, at the start; it reads files and asks nobody. Ownership: http and clock must outlive the
// source. Errors: not_found, permission_denied (a file that others may read or that is somebody else's), invalid_input
// (its content), unsupported (its type); the file's name in the message, never its content.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "sync/credentials/token_source.h"
#include "sync/http/http_client.h"

namespace vivid::sync {

struct CredentialOptions {
  std::filesystem::path file;  // empty: look further
  // The value of a variable; empty: not set.
  std::function<std::string(const std::string& name)> environment;
};

Result<std::unique_ptr<TokenSource>> find_credentials(const CredentialOptions& options, HttpClient& http,
                                                      const Clock& clock);

// A file with secrets: regular, of this user or root, and nothing in it for others.
Result<Secret> read_secret_file(const std::filesystem::path& path);

}  // namespace vivid::sync
