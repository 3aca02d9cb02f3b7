// Text by code point: reading UTF-8, and the few classes of characters that splitting and captions need.
//
// Threads: pure functions. Errors: none; a byte that is not UTF-8 reads as U+FFFD of length 1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vivid::render {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes; 0 only at the end of the text
};

CodePoint code_point_at(std::string_view text, std::size_t offset);
void append_utf8(std::string& text, char32_t code_point);
std::size_t count_code_points(std::string_view text);

// At most `limit` bytes of the text, cut between code points, "…" where something was cut off.
std::string clipped(std::string_view text, std::size_t limit);

bool is_space(char32_t code_point);
// Ideographs, kana, hangul and full-width forms: about two columns wide.
bool is_wide(char32_t code_point);
// Scripts that put no spaces between words: any two characters may be parted.
bool is_unspaced(char32_t code_point);
// Letters and digits, roughly: neither space, control, punctuation nor symbol.
bool is_word_character(char32_t code_point);
// Ends a sentence in some script.
bool is_sentence_end(char32_t code_point);

std::string_view trimmed(std::string_view text);

}  // namespace vivid::render
