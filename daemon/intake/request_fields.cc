#include "daemon/intake/request_fields.h"

#include <nlohmann/json.hpp>

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr std::size_t kMaxShownBytes = 80;
constexpr const char* kAllowedModalities = "text, audio, video and images";

std::string trimmed(const std::string& text) {
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > kMaxShownBytes) text = text.substr(0, kMaxShownBytes) + "…";
  return text;
}

const json* RequestFields::find(const json& object, const char* name) const {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string RequestFields::required_text(const char* name, std::size_t max_bytes) {
  const std::size_t before = problems_.size();
  std::string text = optional_text(name, max_bytes);
  if (text.empty() && problems_.size() == before) add_problem(std::string(name) + " is missing or empty");
  return text;
}

std::string RequestFields::optional_text(const char* name, std::size_t max_bytes) {
  const json* value = find(message_, name);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    add_problem(std::string(name) + " is " + shown(*value) + ", allowed is text");
    return {};
  }
  std::string text = trimmed(value->get<std::string>());
  if (text.size() > max_bytes) {
    add_problem(std::string(name) + " has " + std::to_string(text.size()) + " bytes, allowed are " +
                std::to_string(max_bytes));
    return {};
  }
  return text;
}

int RequestFields::required_integer(const char* name, int lowest, int highest) {
  const std::string allowed =
      "allowed is a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest);
  const json* value = find(message_, name);
  if (value == nullptr) {
    add_problem(std::string(name) + " is missing, " + allowed);
    return lowest;
  }
  if (!value->is_number_integer() || *value < lowest || *value > highest) {
    add_problem(std::string(name) + " is " + shown(*value) + ", " + allowed);
    return lowest;
  }
  return value->get<int>();
}

std::vector<Modality> RequestFields::modalities(const char* name) {
  const json* value = find(message_, name);
  if (value == nullptr) return {Modality::video};
  if (!value->is_array()) {
    add_problem(std::string(name) + " is " + shown(*value) + ", allowed is a list of " + kAllowedModalities);
    return {Modality::video};
  }
  std::vector<Modality> wanted;
  for (const json& item : *value) {
    const auto modality = item.is_string() ? modality_from_text(item.get<std::string>()) : std::nullopt;
    if (!modality) {
      add_problem(std::string(name) + " names " + shown(item) + ", allowed are " + kAllowedModalities);
    } else if (!contains(wanted, *modality)) {
      wanted.push_back(*modality);
    }
  }
  return wanted.empty() ? std::vector{Modality::video} : wanted;
}

Modality RequestFields::preferred(const char* name, const std::vector<Modality>& requested) {
  const json* value = find(message_, name);
  if (value == nullptr || *value == "") return requested.front();
  const auto modality = value->is_string() ? modality_from_text(value->get<std::string>()) : std::nullopt;
  if (!modality) {
    add_problem(std::string(name) + " is " + shown(*value) + ", allowed are " + kAllowedModalities);
    return requested.front();
  }
  return *modality;
}

std::string RequestFields::topic_id(std::size_t max_bytes) {
  const json* metadata = find(message_, "request_metadata");
  const bool above = find(message_, "topic_id") != nullptr || metadata == nullptr || !metadata->is_object();
  const json* value = find(above ? message_ : *metadata, "topic_id");
  // It only says where the result is filed.
  if (value == nullptr || !value->is_string() || value->get_ref<const std::string&>().size() > max_bytes) return {};
  return trimmed(value->get<std::string>());
}

std::string RequestFields::input() {
  const auto text_of = [this](const json& value, const std::string& where) -> std::string {
    if (value.is_object()) return value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (value.is_string()) return value.get<std::string>();
    add_problem(where + " is " + shown(value) + ", allowed is an object or text that holds one");
    return {};
  };
  const json* metadata = find(message_, "request_metadata");
  for (const char* name : {"storyboard", "script"}) {
    if (const json* value = find(message_, name)) return text_of(*value, name);
    if (metadata == nullptr || !metadata->is_object()) continue;
    if (const json* value = find(*metadata, name)) return text_of(*value, std::string("request_metadata.") + name);
  }
  return {};
}

}  // namespace vivid::daemon
