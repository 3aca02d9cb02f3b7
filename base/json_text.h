// Text as JSON, for writers too small or too hot for a JSON library.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace vivid {

// Appends `text` in quotes, escaped as RFC 8259 asks. Bytes that are not UTF-8 become U+FFFD, so that the result is
// always valid JSON.
void append_json_string(std::string& out, std::string_view text);

}  // namespace vivid
