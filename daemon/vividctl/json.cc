#include "daemon/vividctl/json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace vivid::ctl {
namespace {

constexpr int kMaxDepth = 128;

bool nested_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  if (nested_too_deep(text)) return std::nullopt;
  Json value = Json::parse(text.begin(), text.end(), nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

std::string to_line(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

const Json& member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string text_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<double> number_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_number()) return std::nullopt;
  const double number = value.get<double>();
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

std::int64_t integer_at(const Json& object, const char* key, std::int64_t fallback) {
  // Beyond 2^53 a number is no count of ours, and the conversion would not be defined beyond 2^63.
  constexpr double kLimit = 9'007'199'254'740'992.0;
  const std::optional<double> number = number_at(object, key);
  if (!number || std::abs(*number) > kLimit) return fallback;
  return static_cast<std::int64_t>(*number);
}

bool flag_at(const Json& object, const char* key, bool fallback) {
  const Json& value = member(object, key);
  return value.is_boolean() ? value.get<bool>() : fallback;
}

void for_each(const Json& array, const std::function<void(const Json&)>& visit) {
  if (!array.is_array()) return;
  for (const Json& element : array) visit(element);
}

}  // namespace vivid::ctl
