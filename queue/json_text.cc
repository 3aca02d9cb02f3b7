#include "queue/json_text.h"

#include <nlohmann/json.hpp>

namespace vivid::queue {

bool is_json_or_empty(std::string_view text) { return text.empty() || nlohmann::json::accept(text); }

}  // namespace vivid::queue
