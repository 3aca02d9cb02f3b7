// Text for a jsonb parameter, whatever bytes the strings in it hold: jsonb knows neither NUL nor broken UTF-8.
//
// Threads: pure functions. Errors: none.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace vivid::sync {

// Broken UTF-8 becomes U+FFFD.
std::string json_text(const nlohmann::json& value);

// Without NUL, and no longer than an event message needs to be.
std::string printable(std::string text);

}  // namespace vivid::sync
