// What is asked over HTTP, and what comes back.
//
// Threads: values; HttpProgress may be read while its request is under way.
// Ownership: a FileRange keeps its descriptor open for as long as it lives.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/files.h"
#include "sync/http/secret.h"

namespace vivid::sync {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// Bytes of an open file, read as they are sent.
struct FileRange {
  std::shared_ptr<const UniqueFd> file;
  std::uint64_t offset_bytes = 0;
  std::uint64_t length_bytes = 0;
};

struct HttpLimits {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds total{0};       // from the start to the last byte; 0: none
  std::chrono::milliseconds stall{30'000};  // without a byte in either direction
  std::uint64_t max_body_bytes = 1ULL << 20;
  int max_redirects = 0;
};

struct HttpProgress {
  std::atomic<std::uint64_t> sent_bytes{0};  // of the body, given to the network
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;   // http or https; may hold a secret, so it is never shown
  std::string what;  // what errors call it: "the upload of gs://lessons/a/video.mp4"
  HttpHeaders headers;
  Secret bearer;  // empty: no Authorization
  std::variant<std::string, FileRange> body;
  HttpLimits limits;
  bool direct = false;  // past any proxy of the environment
  std::shared_ptr<HttpProgress> progress = std::make_shared<HttpProgress>();

  std::uint64_t body_bytes() const;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // of the last answer, where redirects were followed
  std::string body;

  // The first header of this name, in any case; none: null.
  const std::string* header(std::string_view name) const;
};

}  // namespace vivid::sync
