#include "sync/storage/storage_url.h"

#include <algorithm>

#include "sync/http/url.h"
#include "sync/storage/object_name.h"

namespace vivid::sync {
namespace {

constexpr std::string_view kCloud = "gs://";
constexpr std::string_view kFile = "file://";

tl::unexpected<Error> refuse(std::string_view what, std::string_view text, std::string_view allowed) {
  return fail(ErrorCode::invalid_input,
              std::string(what) + " '" + std::string(text) + "' is not valid; allowed: " + std::string(allowed));
}

}  // namespace

Result<StorageUrl> parse_storage_url(std::string_view url) {
  StorageUrl parsed;
  if (url.starts_with(kCloud)) {
    std::string_view rest = url.substr(kCloud.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    parsed.is_cloud = true;
    parsed.bucket = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (rest.ends_with('/')) rest.remove_suffix(1);
    parsed.prefix = rest;
    VIVID_TRY(check_bucket_name(parsed.bucket));
    if (!parsed.prefix.empty()) VIVID_TRY(check_object_name(parsed.prefix));
    return parsed;
  }
  if (url.starts_with(kFile) && url.substr(kFile.size()).starts_with('/')) {
    parsed.directory = std::string(url.substr(kFile.size()));
    return parsed;
  }
  return refuse("the URL", url, "gs://BUCKET, gs://BUCKET/PREFIX, file:///FOLDER");
}

Result<std::string> check_storage_endpoint(std::string_view endpoint) {
  constexpr std::string_view kAllowed = "https://HOST[:PORT], or http://HOST[:PORT] with a host that is this machine";
  std::string url(endpoint);
  if (url.find("://") == std::string::npos) url = "http://" + url;
  while (url.ends_with('/')) url.pop_back();
  const std::string host = host_of(url);
  const std::size_t authority = url.find("://") + 3;
  if (host.empty() || url.find_first_of("/?#@ ", authority) != std::string::npos) {
    return refuse("the endpoint", endpoint, kAllowed);
  }
  if (url.starts_with("http://") && !is_loopback(host)) return refuse("the endpoint", endpoint, kAllowed);
  return url;
}

}  // namespace vivid::sync
