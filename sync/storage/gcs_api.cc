#include "sync/storage/gcs_api.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/uuid.h"
#include "sync/http/url.h"

namespace vivid::sync {
namespace {

using nlohmann::json;
constexpr const char* kJsonType = "application/json; charset=UTF-8";
// The fields of an object that matter here; everything else stays with the service.
constexpr const char* kFields = "name,size,crc32c,generation,metadata";
constexpr std::string_view kRangePrefix = "bytes=0-";

std::string metadata_json(const NewObject& object) {
  json document = {{"name", object.name}, {"contentType", object.content_type}, {"crc32c", object.crc32c}};
  if (!object.cache_control.empty()) document["cacheControl"] = object.cache_control;
  if (!object.metadata.empty()) document["metadata"] = object.metadata;
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Numbers come as text in this API, and as numbers from some that imitate it.
template <typename Number>
std::optional<Number> number_in(const json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end()) return std::nullopt;
  if (found->is_number_integer()) return found->get<Number>();
  if (!found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

std::string text_in(const json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string range_of(std::uint64_t first, std::uint64_t length, std::uint64_t total) {
  return "bytes " + std::to_string(first) + "-" + std::to_string(first + length - 1) + "/" + std::to_string(total);
}

}  // namespace

std::string gs_url(const std::string& bucket, const std::string& name) { return "gs://" + bucket + "/" + name; }

HttpRequest GcsApi::request(const std::string& method, const std::string& what, std::string url) const {
  HttpRequest request;
  request.method = method;
  request.what = what;
  request.url = std::move(url);
  request.limits = limits_;
  return request;
}

std::string GcsApi::object_url(const std::string& bucket, const std::string& name) const {
  return endpoint_ + "/storage/v1/b/" + percent_encoded(bucket) + "/o/" + percent_encoded(name);
}

std::string GcsApi::upload_url(const NewObject& object, const std::string& type) const {
  return endpoint_ + "/upload/storage/v1/b/" + percent_encoded(object.bucket) + "/o?uploadType=" + type +
         "&name=" + percent_encoded(object.name) + "&ifGenerationMatch=" + std::to_string(object.replaces_generation) +
         "&fields=" + percent_encoded(kFields);
}

HttpRequest GcsApi::start_session(const NewObject& object) const {
  HttpRequest start =
      request("POST", "starting the upload of " + gs_url(object.bucket, object.name), upload_url(object, "resumable"));
  start.headers = {{"Content-Type", kJsonType},
                   {"X-Upload-Content-Type", object.content_type},
                   {"X-Upload-Content-Length", std::to_string(object.size_bytes)}};
  start.body = metadata_json(object);
  return start;
}

HttpRequest GcsApi::upload_whole(const NewObject& object, const std::string& bytes) const {
  HttpRequest upload =
      request("POST", "the upload of " + gs_url(object.bucket, object.name), upload_url(object, "multipart"));
  const std::string boundary = "vividd-" + Uuid::random().to_text();
  upload.headers = {{"Content-Type", "multipart/related; boundary=" + boundary}};
  std::string body = "--" + boundary + "\r\nContent-Type: " + kJsonType + "\r\n\r\n" + metadata_json(object) +
                     "\r\n--" + boundary + "\r\nContent-Type: " + object.content_type + "\r\n\r\n";
  body += bytes;
  body += "\r\n--" + boundary + "--\r\n";
  upload.body = std::move(body);
  return upload;
}

HttpRequest GcsApi::send_chunk(const NewObject& object, const Secret& session_uri, FileRange range) const {
  HttpRequest chunk = request("PUT", "the upload of " + gs_url(object.bucket, object.name), session_uri.reveal());
  chunk.headers = {{"Content-Type", "application/octet-stream"},
                   {"Content-Range", range_of(range.offset_bytes, range.length_bytes, object.size_bytes)}};
  chunk.body = std::move(range);
  return chunk;
}

HttpRequest GcsApi::query_session(const NewObject& object, const Secret& session_uri) const {
  HttpRequest query = request("PUT", "asking how far the upload of " + gs_url(object.bucket, object.name) + " is",
                              session_uri.reveal());
  query.headers = {{"Content-Range", "bytes */" + std::to_string(object.size_bytes)}};
  return query;
}

HttpRequest GcsApi::cancel_session(const std::string& bucket, const std::string& name,
                                   const Secret& session_uri) const {
  return request("DELETE", "ending the upload of " + gs_url(bucket, name), session_uri.reveal());
}

HttpRequest GcsApi::describe(const std::string& bucket, const std::string& name) const {
  return request("GET", "looking at " + gs_url(bucket, name),
                 object_url(bucket, name) + "?fields=" + percent_encoded(kFields));
}

HttpRequest GcsApi::download(const std::string& bucket, const std::string& name, std::uint64_t limit_bytes) const {
  HttpRequest download = request("GET", "reading " + gs_url(bucket, name), object_url(bucket, name) + "?alt=media");
  download.limits.max_body_bytes = limit_bytes;
  return download;
}

HttpRequest GcsApi::remove(const std::string& bucket, const std::string& name, std::int64_t generation) const {
  std::string url = object_url(bucket, name);
  if (generation > 0) url += "?ifGenerationMatch=" + std::to_string(generation);
  return request("DELETE", "removing " + gs_url(bucket, name), std::move(url));
}

HttpRequest GcsApi::list(const std::string& bucket, const std::string& prefix, const std::string& page_token) const {
  std::string url = endpoint_ + "/storage/v1/b/" + percent_encoded(bucket) + "/o?prefix=" + percent_encoded(prefix) +
                    "&fields=" + percent_encoded("items(name),nextPageToken");
  if (!page_token.empty()) url += "&pageToken=" + percent_encoded(page_token);
  HttpRequest list = request("GET", "listing " + gs_url(bucket, prefix), std::move(url));
  list.limits.max_body_bytes = 16ULL << 20;  // a thousand names of a kilobyte, and room
  return list;
}

bool GcsApi::is_ours(const Secret& session_uri) const {
  const std::string& uri = session_uri.reveal();
  const bool same_scheme = uri.starts_with("https://") || endpoint_.starts_with("http://");
  return same_scheme && host_of(uri) == host_of(endpoint_);
}

Result<RemoteObject> parse_object(const std::string& body) {
  const json document = json::parse(body, nullptr, false);
  if (!document.is_object()) return fail(ErrorCode::data_corrupt, "the service's answer is not a JSON object");
  const auto size = number_in<std::uint64_t>(document, "size");
  const auto generation = number_in<std::int64_t>(document, "generation");
  RemoteObject object;
  object.name = text_in(document, "name");
  object.crc32c = text_in(document, "crc32c");
  if (!size || !generation || object.name.empty() || object.crc32c.empty()) {
    return fail(ErrorCode::data_corrupt, "the service's answer lacks an object's name, size, crc32c or generation");
  }
  object.size_bytes = *size;
  object.generation = *generation;
  if (const auto metadata = document.find("metadata"); metadata != document.end() && metadata->is_object()) {
    for (const auto& [key, value] : metadata->items()) {
      if (value.is_string()) object.metadata[key] = value.get<std::string>();
    }
  }
  return object;
}

Result<ObjectPage> parse_page(const std::string& body) {
  const json document = json::parse(body, nullptr, false);
  if (!document.is_object()) return fail(ErrorCode::data_corrupt, "the service's list is not a JSON object");
  ObjectPage page;
  page.next_page_token = text_in(document, "nextPageToken");
  const auto items = document.find("items");
  if (items == document.end() || !items->is_array()) return page;
  for (const json& item : *items) {
    if (item.is_object() && item.contains("name")) page.names.push_back(text_in(item, "name"));
  }
  return page;
}

Result<std::optional<std::uint64_t>> kept_bytes(const HttpResponse& answer) {
  const std::string* range = answer.header("Range");
  if (range == nullptr) return std::optional<std::uint64_t>();
  std::uint64_t last = 0;
  const char* const end = range->data() + range->size();
  if (range->starts_with(kRangePrefix)) {
    const auto read = std::from_chars(range->data() + kRangePrefix.size(), end, last);
    if (read.ec == std::errc() && read.ptr == end && last < UINT64_MAX) return std::optional(last + 1);
  }
  return fail(ErrorCode::data_corrupt, "the service says it keeps '" + range->substr(0, 60) + "'; expected: bytes=0-N");
}

}  // namespace vivid::sync
