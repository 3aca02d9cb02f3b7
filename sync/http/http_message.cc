#include "sync/http/http_message.h"

#include <strings.h>

namespace vivid::sync {

std::uint64_t HttpRequest::body_bytes() const {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  return std::get<FileRange>(body).length_bytes;
}

const std::string* HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0) return &value;
  }
  return nullptr;
}

}  // namespace vivid::sync
