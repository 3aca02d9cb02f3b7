// Is this text? Names and values that travel as JSON must be.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace vivid {

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

// Bytes of the character at the front; 0 if there is none or it is malformed.
std::size_t character_bytes(std::string_view text);

// The front of `text`, at most `limit_bytes` long, without half a character at its end.
std::string_view cut_between_characters(std::string_view text, std::size_t limit_bytes);

// True if a byte below 0x20, or DEL, is in it.
bool has_control_characters(std::string_view text);

}  // namespace vivid
