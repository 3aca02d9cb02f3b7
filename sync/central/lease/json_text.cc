#include "sync/central/lease/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vivid::sync {

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string printable(std::string text) {
  constexpr std::size_t kEnough = 1000;
  std::erase(text, '\0');
  if (text.size() > kEnough) text.resize(kEnough);
  return text;
}

}  // namespace vivid::sync
