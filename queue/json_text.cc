#include "queue/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vivid::queue {

void append_json_string(std::string& out, std::string_view text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  using Json = nlohmann::json;
  out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_json_or_empty(std::string_view text) { return text.empty() || nlohmann::json::accept(text); }

}  // namespace vivid::queue
