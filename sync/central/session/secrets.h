// Keeps passwords out of what is printed: libpq quotes a connection URL that it cannot read, whole.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace vivid::sync {

// `text` with the URL, and every password the URL holds, replaced by "…".
std::string without_secrets(std::string text, std::string_view url);

}  // namespace vivid::sync
