#include "daemon/vividd/object_store.h"

#include <sys/prctl.h>

#include <cerrno>
#include <cstdlib>

#include "base/files.h"
#include "base/log.h"
#include "sync/credentials/find_credentials.h"
#include "sync/storage/gcs_object_store.h"
#include "sync/storage/local_object_store.h"
#include "sync/storage/storage_url.h"

namespace vivid::daemon {
namespace {

constexpr const char* kGoogleEndpoint = "https://storage.googleapis.com";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

template <typename T>
Result<T> naming(const char* option, Result<T> result) {
  if (!result) return fail(result.error().code, std::string(option) + ": " + result.error().message);
  return result;
}

struct Endpoint {
  std::string url = kGoogleEndpoint;
  bool emulator = false;  // which wants no token
};

Result<Endpoint> endpoint_of(const config::Storage& storage) {
  Endpoint endpoint;
  if (!storage.endpoint.empty()) {
    VIVID_ASSIGN(endpoint.url, naming("storage.endpoint", sync::check_storage_endpoint(storage.endpoint)));
  } else if (const std::string emulator = variable("STORAGE_EMULATOR_HOST"); !emulator.empty()) {
    VIVID_ASSIGN(endpoint.url, naming("STORAGE_EMULATOR_HOST", sync::check_storage_endpoint(emulator)));
    endpoint.emulator = true;
  }
  return endpoint;
}

Result<sync::StorageUrl> url_of(const config::Storage& storage) {
  return naming("storage.url", sync::parse_storage_url(storage.url));
}

sync::HttpClient::Options http_options(const config::Storage& storage) {
  sync::HttpClient::Options options;
  options.upload_bytes_per_second = storage.bandwidth_bytes;
  options.ca_file = storage.ca_file.string();
  return options;
}

Result<StoreParts> open_cloud(const config::Config& config, const Clock& clock) {
  const config::Storage& storage = config.storage;
  VIVID_ASSIGN(const sync::StorageUrl url, url_of(storage));
  VIVID_ASSIGN(const Endpoint endpoint, endpoint_of(storage));
  // From here on secrets are in memory, and a core dump would write them to a disk.
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return tl::make_unexpected(errno_error(errno, "forbidding core dumps"));
  StoreParts parts;
  VIVID_ASSIGN(parts.http, sync::HttpClient::start(http_options(storage)));
  std::unique_ptr<sync::TokenSource> source;
  if (!endpoint.emulator) {
    sync::CredentialOptions options;
    options.file = config.google.credentials;
    options.environment = [](const std::string& name) { return variable(name.c_str()); };
    VIVID_ASSIGN(source, sync::find_credentials(options, *parts.http, clock));
  }
  parts.credentials = std::make_unique<sync::Credentials>(std::move(source), clock);
  sync::RetryPolicy policy;
  policy.patience = storage.patience;
  parts.client = std::make_unique<sync::GoogleClient>(*parts.http, *parts.credentials, clock, policy);
  sync::GcsObjectStore::Options options;
  options.endpoint = endpoint.url;
  options.prefix = url.prefix;
  options.ledger = config.paths.state_directory / "uploads";
  options.chunk_bytes = storage.chunk_bytes;
  parts.store = std::make_unique<sync::GcsObjectStore>(*parts.client, std::move(options));
  log::info("results go to the cloud",
            {{"url", storage.url}, {"endpoint", endpoint.url}, {"credentials", parts.credentials->describe()}});
  return parts;
}

}  // namespace

Status resolve_storage(config::Config& config) {
  if (config.storage.url.empty()) return {};
  VIVID_ASSIGN(const sync::StorageUrl url, url_of(config.storage));
  if (url.is_cloud) {
    config.storage.bucket = url.bucket;
    VIVID_TRY(endpoint_of(config.storage));
  } else {
    config.storage.directory = url.directory;
  }
  return {};
}

Result<StoreParts> open_object_store(const config::Config& config, const Clock& clock) {
  if (config.storage.url.starts_with("gs://")) return open_cloud(config, clock);
  if (const Status made = make_directories(config.storage.directory); !made) {
    // Found now, and not by the first job when it has been rendered.
    return fail(made.error().code, "storage.directory cannot be used: " + made.error().message);
  }
  StoreParts parts;
  parts.store = std::make_unique<sync::LocalObjectStore>(config.storage.directory);
  return parts;
}

}  // namespace vivid::daemon
