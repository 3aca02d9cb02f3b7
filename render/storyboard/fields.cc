#include "render/storyboard/fields.h"

#include <array>
#include <nlohmann/json.hpp>

#include "render/storyboard/characters.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {
namespace {

using nlohmann::json;

constexpr std::size_t kShownBytes = 60;

std::string shown(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array of " + std::to_string(value.size());
  return clipped(value.dump(-1, ' ', false, json::error_handler_t::replace), kShownBytes);
}

std::string number_text(double number) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%g", number);
  return buffer.data();
}

bool is_control(char32_t c) {
  return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c == 0xfeff || c == 0xfffe || c == 0xffff;
}

}  // namespace

const json* Fields::find(std::string_view key) const {
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool Fields::has(std::string_view key) const { return find(key) != nullptr; }

void Fields::problem(std::string_view key, std::string_view what) const { report_.problem(child(pointer_, key), what); }

void Fields::warning(std::string_view key, std::string_view what) const { report_.warning(child(pointer_, key), what); }

std::string Fields::clean(const std::string& raw, std::string_view pointer) const {
  std::string out;
  std::size_t removed = 0;
  for (std::size_t at = 0; at < raw.size();) {
    const CodePoint c = code_point_at(raw, at);
    if (c.value == 0x2028 || c.value == 0x2029 || (c.value == '\r' && raw[at + 1] != '\n')) {
      out += '\n';
    } else if (c.value == '\t') {
      out += ' ';
    } else if (c.value != '\r' && is_control(c.value)) {
      ++removed;
    } else if (c.value != '\r') {
      out.append(raw, at, c.length);
    }
    at += c.length;
  }
  if (removed > 0) report_.warning(pointer, std::to_string(removed) + " control character(s) left out");
  return std::string(trimmed(out));
}

std::string Fields::text(std::string_view key, Need need) const {
  const json* value = find(key);
  if (value == nullptr) {
    if (need != Need::optional) problem(key, "is missing; a text is required");
    return {};
  }
  if (!value->is_string()) {
    problem(key, shown(*value) + " is not allowed; a text is");
    return {};
  }
  const auto& raw = value->get_ref<const std::string&>();
  if (raw.size() > kMaxTextBytes) {
    problem(key,
            "has " + std::to_string(raw.size()) + " bytes; at most " + std::to_string(kMaxTextBytes) + " are allowed");
    return {};
  }
  std::string text = clean(raw, child(pointer_, key));
  if (text.empty() && need == Need::non_empty) problem(key, shown(*value) + " is empty; a text is required");
  return text;
}

std::optional<double> Fields::number(std::string_view key, double minimum, double maximum) const {
  const json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) {
    const auto number = value->get<double>();
    if (number >= minimum && number <= maximum) return number;
  }
  problem(key, shown(*value) + " is not allowed; a number from " + number_text(minimum) + " to " +
                   number_text(maximum) + " is");
  return std::nullopt;
}

const json* Fields::array(std::string_view key, std::size_t limit) const {
  const json* value = find(key);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) {
    problem(key, shown(*value) + " is not allowed; an array is");
    return nullptr;
  }
  if (value->size() > limit) {
    problem(key, "has " + std::to_string(value->size()) + " items; at most " + std::to_string(limit) + " are allowed");
    return nullptr;
  }
  return value;
}

std::vector<std::string> Fields::texts(std::string_view key, std::size_t limit, bool restore_tex) const {
  std::vector<std::string> out;
  const json* items = array(key, limit);
  if (items == nullptr) return out;
  const std::string base = child(pointer_, key);
  for (std::size_t i = 0; i < items->size(); ++i) {
    const json& item = (*items)[i];
    const std::string pointer = child(base, i);
    if (!item.is_string()) {
      report_.problem(pointer, shown(item) + " is not allowed; a text is");
      continue;
    }
    const auto& raw = item.get_ref<const std::string&>();
    if (raw.size() > kMaxTextBytes) {
      report_.problem(pointer, "has " + std::to_string(raw.size()) + " bytes; at most " +
                                   std::to_string(kMaxTextBytes) + " are allowed");
      continue;
    }
    std::string restored = restore_tex ? restore_tex_commands(raw) : raw;
    if (restored != raw) report_.warning(pointer, "backslashes lost to JSON escapes were put back");
    std::string text = clean(restored, pointer);
    if (!text.empty()) out.push_back(std::move(text));
  }
  return out;
}

void Fields::objects(std::string_view key, std::size_t minimum, std::size_t limit,
                     const std::function<void(const Fields&)>& take) const {
  const json* items = array(key, limit);
  if (items == nullptr) {
    if (minimum > 0 && !has(key)) problem(key, "is missing; an array is required");
    return;
  }
  if (items->size() < minimum) {
    problem(key, "is empty; at least " + std::to_string(minimum) + " item is required");
  }
  const std::string base = child(pointer_, key);
  for (std::size_t i = 0; i < items->size(); ++i) {
    const json& item = (*items)[i];
    if (item.is_object()) {
      take(Fields(item, child(base, i), report_));
    } else {
      report_.problem(child(base, i), shown(item) + " is not allowed; an object is");
    }
  }
}

std::optional<Fields> Fields::object(std::string_view key) const {
  const json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return Fields(*value, child(pointer_, key), report_);
  problem(key, shown(*value) + " is not allowed; an object is");
  return std::nullopt;
}

std::optional<std::pair<double, double>> Fields::point(std::string_view key) const {
  const json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto fraction = [](const json& part) {
    return part.is_number() && part.get<double>() >= 0.0 && part.get<double>() <= 1.0;
  };
  if (value->is_array() && value->size() == 2 && fraction((*value)[0]) && fraction((*value)[1])) {
    return std::pair((*value)[0].get<double>(), (*value)[1].get<double>());
  }
  const std::string text = value->is_array() && value->size() <= 4
                               ? clipped(value->dump(-1, ' ', false, json::error_handler_t::replace), kShownBytes)
                               : shown(*value);
  problem(key, text + " is not allowed; two fractions of the frame, each from 0 to 1, are");
  return std::nullopt;
}

std::string restore_tex_commands(std::string_view equation) {
  constexpr std::string_view kControls = "\b\f\n\r\t";
  constexpr std::string_view kLetters = "bfnrt";
  std::string out;
  for (std::size_t i = 0; i < equation.size(); ++i) {
    const std::size_t which = kControls.find(equation[i]);
    const char next = i + 1 < equation.size() ? equation[i + 1] : ' ';
    // After a line end letters may well begin a new line; only what no typist puts into an equation is certain there.
    const bool certain = which != std::string_view::npos && equation[i] != '\n' && equation[i] != '\r';
    if (certain && next >= 'a' && next <= 'z') {
      out += '\\';
      out += kLetters[which];
    } else {
      out += equation[i];
    }
  }
  return out;
}

}  // namespace vivid::render
