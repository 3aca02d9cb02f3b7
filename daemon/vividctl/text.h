// Text for a terminal: how many columns it takes, cut to fit, and made harmless. What the daemon sends may hold any
// character a student typed; escape sequences among them must not reach the operator's terminal.
//
// Threads: pure functions. Units: columns; wide characters take two, combining ones none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vivid::ctl {

// Columns of text that `printable` made.
std::size_t columns_of(std::string_view text);
// One line: control characters become spaces, bidirectional overrides go, bytes that are not UTF-8 become U+FFFD.
std::string printable(std::string_view text);
// The same for each line of a message of several; those after the first are indented by two spaces.
std::string printable_lines(std::string_view text);
// At most `columns`; what is cut ends in "…" (or "." without Unicode). Combining marks stay with their letter.
std::string truncated(std::string_view text, std::size_t columns, bool unicode = true);
// Filled with spaces up to `columns`, on the right or, for numbers, on the left.
std::string padded(std::string_view text, std::size_t columns, bool right_aligned = false);
// Lines of at most `columns`, broken at spaces; a longer word has its own line.
std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent);

}  // namespace vivid::ctl
