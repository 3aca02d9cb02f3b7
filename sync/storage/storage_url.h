// "gs://lessons/spring" or "file:///srv/lessons": where the configuration says results go.
//
// Threads: pure functions. Errors: invalid_input, naming the text and what is allowed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace vivid::sync {

struct StorageUrl {
  bool is_cloud = false;
  std::string bucket;               // gs
  std::string prefix;               // gs; empty: none
  std::filesystem::path directory;  // file
};
Result<StorageUrl> parse_storage_url(std::string_view url);

// https, or http to this machine; "host:port" is http, as emulators are named. Returned without a slash at the end.
Result<std::string> check_storage_endpoint(std::string_view endpoint);

}  // namespace vivid::sync
