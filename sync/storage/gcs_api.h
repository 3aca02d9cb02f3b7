// Google Cloud Storage's JSON API in requests and answers: what to send for each thing that is wanted, and what came
// back.
//
// Threads: values and pure functions. Errors: data_corrupt for an answer that is not what the service documents.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sync/http/http_message.h"
#include "sync/storage/object_store.h"

namespace vivid::sync {

struct RemoteObject {
  std::string name;
  std::uint64_t size_bytes = 0;
  std::string crc32c;  // base64, big-endian
  std::int64_t generation = 0;
  std::map<std::string, std::string> metadata;
};

// What an upload says about its object before its first byte.
struct NewObject {
  std::string bucket;
  std::string name;
  std::string content_type;
  std::string cache_control;  // empty: the service's default
  std::map<std::string, std::string> metadata;
  std::string crc32c;
  std::uint64_t size_bytes = 0;
  std::int64_t replaces_generation = 0;  // 0: there must be none of this name
};

class GcsApi {
 public:
  // "https://storage.googleapis.com", without a path.
  explicit GcsApi(std::string endpoint, HttpLimits limits) : endpoint_(std::move(endpoint)), limits_(limits) {}

  HttpRequest start_session(const NewObject& object) const;
  // Metadata and bytes in one request.
  HttpRequest upload_whole(const NewObject& object, const std::string& bytes) const;
  HttpRequest send_chunk(const NewObject& object, const Secret& session_uri, FileRange range) const;
  HttpRequest query_session(const NewObject& object, const Secret& session_uri) const;
  HttpRequest cancel_session(const std::string& bucket, const std::string& name, const Secret& session_uri) const;
  HttpRequest describe(const std::string& bucket, const std::string& name) const;
  HttpRequest download(const std::string& bucket, const std::string& name, std::uint64_t limit_bytes) const;
  HttpRequest remove(const std::string& bucket, const std::string& name, std::int64_t generation) const;
  HttpRequest list(const std::string& bucket, const std::string& prefix, const std::string& page_token) const;

  // Whether a session URI leads to where its session was asked for: nowhere else goes a token or a lesson.
  bool is_ours(const Secret& session_uri) const;

 private:
  HttpRequest request(const std::string& method, const std::string& what, std::string url) const;
  std::string object_url(const std::string& bucket, const std::string& name) const;
  std::string upload_url(const NewObject& object, const std::string& type) const;

  const std::string endpoint_;
  const HttpLimits limits_;
};

// "gs://bucket/name", for people and for results.
std::string gs_url(const std::string& bucket, const std::string& name);

Result<RemoteObject> parse_object(const std::string& body);

struct ObjectPage {
  std::vector<std::string> names;
  std::string next_page_token;  // empty: the last page
};
Result<ObjectPage> parse_page(const std::string& body);

// Of a 308: how many bytes the service keeps; none: it does not say. data_corrupt: it cannot be read.
Result<std::optional<std::uint64_t>> kept_bytes(const HttpResponse& answer);

}  // namespace vivid::sync
