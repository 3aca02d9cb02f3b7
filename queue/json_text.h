// The little JSON the queue needs: its messages are built by hand, because they are written for every stage of every
// job, and what others hand in is checked before it is put inside one.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace vivid::queue {

// Appends `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// One complete JSON value, or nothing at all.
bool is_json_or_empty(std::string_view text);

}  // namespace vivid::queue
