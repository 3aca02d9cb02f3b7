// The queue's messages are built by hand, because they are written for every stage of every job; what others hand in is
// checked before it is put inside one.
//
// Threads: pure functions.
#pragma once

#include <string_view>

namespace vivid::queue {

// One complete JSON value, or nothing at all.
bool is_json_or_empty(std::string_view text);

}  // namespace vivid::queue
