// Is this text? Names and values that travel as JSON must be.
//
// Threads: pure functions.
#pragma once

#include <string_view>

namespace vivid {

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

// True if a byte below 0x20, or DEL, is in it.
bool has_control_characters(std::string_view text);

}  // namespace vivid
