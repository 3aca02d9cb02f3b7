#include "sync/storage/object_name.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"

namespace vivid::sync {
namespace {

constexpr std::size_t kMaxNameBytes = 1024;
constexpr std::size_t kMaxPartBytes = 200;
constexpr std::size_t kMaxShownBytes = 80;

tl::unexpected<Error> refuse(std::string_view what, std::string_view name, std::string_view why) {
  std::string shown = is_valid_utf8(name) && !has_control_characters(name) ? std::string(name) : "(not text)";
  if (shown.size() > kMaxShownBytes) shown = "of " + std::to_string(shown.size()) + " bytes";
  return fail(ErrorCode::invalid_input, std::string(what) + " '" + shown + "' " + std::string(why));
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

Status check_object_name(std::string_view name) {
  if (name.empty()) return refuse("object name", name, "is empty; allowed: 1 to 1024 bytes");
  if (name.size() > kMaxNameBytes) return refuse("object name", name, "is too long; allowed: at most 1024 bytes");
  if (!is_valid_utf8(name) || has_control_characters(name)) {
    return refuse("object name", name, "is not plain text; allowed: UTF-8 without control characters");
  }
  std::size_t start = 0;
  while (start <= name.size()) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    if (part.empty()) return refuse("object name", name, "has an empty part; allowed: parts separated by one /");
    // Also ".." and ".", and the store's own files.
    if (part.front() == '.')
      return refuse("object name", name, "has a part that begins with a dot; allowed: any other first character");
    if (part.size() > kMaxPartBytes)
      return refuse("object name", name, "has a part of more than the allowed 200 bytes");
    start = end + 1;
  }
  return {};
}

Status check_bucket_name(std::string_view name) {
  const bool good =
      name.size() >= 3 && name.size() <= 63 && is_lower_or_digit(name.front()) && is_lower_or_digit(name.back()) &&
      std::all_of(name.begin(), name.end(), [](char c) { return is_lower_or_digit(c) || c == '-' || c == '_'; });
  if (good) return {};
  return refuse("bucket", name,
                "is not valid; allowed: 3 to 63 of a-z, 0-9, - and _, beginning and ending with a letter or digit");
}

}  // namespace vivid::sync
