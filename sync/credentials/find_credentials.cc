#include "sync/credentials/find_credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "sync/credentials/sources.h"

namespace vivid::sync {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
constexpr std::uint64_t kMaxFileBytes = 64 * 1024;
constexpr mode_t kForOthers = 0027;  // anything for others, or writing for the group
constexpr const char* kSystemdName = "google-credentials";
constexpr const char* kMetadataHost = "metadata.google.internal";

SourceResult make_source(const json& document, SourceParts parts) {
  VIVID_ASSIGN(const std::string type, required_text(document, "type"));
  if (type == "service_account") return make_service_account(document, parts);
  if (type == "external_account") return make_external_account(document, parts);
  if (type == "authorized_user") return make_authorized_user(document, parts);
  if (type == "impersonated_service_account") {
    const auto inner = document.find("source_credentials");
    if (inner == document.end() || !inner->is_object() || inner->value("type", "") == "impersonated_service_account") {
      return fail(ErrorCode::invalid_input, "source_credentials is missing, or is impersonated itself");
    }
    VIVID_ASSIGN(const std::string url, required_text(document, "service_account_impersonation_url"));
    VIVID_ASSIGN(auto source, make_source(*inner, parts));
    return make_impersonation(url, std::move(source), parts);
  }
  return fail(ErrorCode::unsupported,
              "type is '" + type.substr(0, 60) +
                  "'; allowed: service_account, external_account, authorized_user, impersonated_service_account");
}

SourceResult load(const fs::path& path, const std::string& named_by, SourceParts parts) {
  const auto naming = [&](const Error& error) {
    return fail(error.code, named_by + " (" + path.string() + "): " + error.message);
  };
  const auto text = read_secret_file(path);
  if (!text) return naming(text.error());
  const json document = json::parse(text->reveal(), nullptr, false);
  if (!document.is_object()) return naming({ErrorCode::invalid_input, "is not a JSON object"});
  try {
    auto source = make_source(document, parts);
    if (!source) return naming(source.error());
    return source;
  } catch (const json::exception&) {
    // Its text may quote the value.
    return naming({ErrorCode::invalid_input, "has a field of the wrong type"});
  }
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// gcloud's file; empty: there is no place for one.
fs::path gcloud_file(const CredentialOptions& options) {
  constexpr const char* kName = "application_default_credentials.json";
  if (const std::string folder = options.environment("CLOUDSDK_CONFIG"); !folder.empty()) {
    return fs::path(folder) / kName;
  }
  const std::string home = options.environment("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".config" / "gcloud" / kName;
}

}  // namespace

Result<std::string> required_text(const json& document, const char* field) {
  const auto found = document.find(field);
  if (found == document.end() || !found->is_string() || found->get_ref<const std::string&>().empty()) {
    return fail(ErrorCode::invalid_input, std::string(field) + " is missing or no text");
  }
  return found->get<std::string>();
}

Result<Secret> read_secret_file(const fs::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail_errno("open", path);
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return fail_errno("stat", path);
  if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::invalid_input, "is not a regular file");
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0) {
    return fail(ErrorCode::permission_denied,
                "belongs to user " + std::to_string(facts.st_uid) + "; allowed: the daemon's user, or root");
  }
  if ((facts.st_mode & kForOthers) != 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(facts.st_mode & 07777));
    return fail(
        ErrorCode::permission_denied,
        "has mode " + std::string(mode) + ", so that others can read or change it; allowed: 0400, 0440, 0600, 0640");
  }
  if (static_cast<std::uint64_t>(facts.st_size) > kMaxFileBytes) {
    return fail(ErrorCode::too_large, "has more than the allowed " + std::to_string(kMaxFileBytes) + " bytes");
  }
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  const ssize_t got = ::pread(fd.get(), text.data(), text.size(), 0);
  if (got < 0) return fail_errno("read", path);
  text.resize(static_cast<std::size_t>(got));
  return Secret(std::move(text));
}

Result<std::unique_ptr<TokenSource>> find_credentials(const CredentialOptions& options, HttpClient& http,
                                                      const Clock& clock) {
  const SourceParts parts{http, clock};
  if (!options.file.empty()) return load(options.file, "google.credentials", parts);
  if (const std::string folder = options.environment("CREDENTIALS_DIRECTORY"); !folder.empty()) {
    const fs::path file = fs::path(folder) / kSystemdName;
    if (is_there(file)) return load(file, "the systemd credential", parts);
  }
  if (const std::string file = options.environment("GOOGLE_APPLICATION_CREDENTIALS"); !file.empty()) {
    return load(file, "GOOGLE_APPLICATION_CREDENTIALS", parts);
  }
  if (const fs::path file = gcloud_file(options); !file.empty() && is_there(file)) {
    return load(file, "gcloud's application-default file", parts);
  }
  const std::string host = options.environment("GCE_METADATA_HOST");
  return make_metadata_server(host.empty() ? kMetadataHost : host, parts);
}

}  // namespace vivid::sync
