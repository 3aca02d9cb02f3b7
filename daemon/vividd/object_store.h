// The object store that the configuration names, and what it stands on.
//
// Threads: made and destroyed on the loop's thread; used as each part says. Ownership: of everything it consists of;
// whoever uses the store must be gone first.
#pragma once

#include <memory>

#include "config/config.h"
#include "sync/credentials/credentials.h"
#include "sync/credentials/google_client.h"
#include "sync/http/http_client.h"
#include "sync/storage/object_store.h"

namespace vivid::daemon {

// What storage.url says, in the place of storage.bucket and storage.directory. invalid_input: it cannot be read, or
// storage.endpoint cannot.
Status resolve_storage(config::Config& config);

struct StoreParts {
  // Null where results go into a folder.
  std::unique_ptr<sync::HttpClient> http;
  std::unique_ptr<sync::Credentials> credentials;
  std::unique_ptr<sync::GoogleClient> client;
  std::unique_ptr<sync::ObjectStore> store;

  bool is_cloud() const { return client != nullptr; }
};
// Of a resolved configuration. Errors name the option.
Result<StoreParts> open_object_store(const config::Config& config, const Clock& clock);

}  // namespace vivid::daemon
