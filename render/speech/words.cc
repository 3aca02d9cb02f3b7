#include "render/speech/words.h"

#include "render/storyboard/characters.h"

namespace vivid::render {
namespace {

// Combining marks and joiners stay with the character before them.
bool continues_character(char32_t c) {
  return (c >= 0x300 && c <= 0x36f) || (c >= 0xe31 && c <= 0xe3a) || (c >= 0xe47 && c <= 0xe4e) ||
         (c >= 0x102b && c <= 0x103e) || (c >= 0x17b4 && c <= 0x17d3) || (c >= 0x3099 && c <= 0x309a) ||
         (c >= 0xfe00 && c <= 0xfe0f) || c == 0x200d || c == 0x30fc;
}

// Symbols that are read out though they are no letters.
bool is_spoken_symbol(char32_t c) {
  return c == '=' || c == '+' || c == '%' || c == '&' || c == '/' || c == '<' || c == '>' || c == 0xb1 || c == 0xd7 ||
         c == 0xf7 || (c >= 0x2190 && c <= 0x22ff);
}

}  // namespace

std::vector<WordSpan> split_words(std::string_view text) {
  std::vector<WordSpan> words;
  std::size_t start = 0;
  bool has_word = false;
  const auto finish = [&](std::size_t end) {
    if (has_word) words.push_back({start, end - start});
    start = end;
    has_word = false;
  };
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    const bool spoken = is_word_character(c.value) || is_spoken_symbol(c.value);
    if (is_space(c.value)) {
      finish(at);
      start = at + c.length;
    } else if (spoken && is_unspaced(c.value) && !continues_character(c.value)) {
      if (has_word) finish(at);
      has_word = true;
    } else {
      const bool leaves_unspaced = has_word && spoken && is_unspaced(code_point_at(text, start).value) &&
                                   !is_unspaced(c.value) && !continues_character(c.value);
      if (leaves_unspaced) finish(at);
      has_word = has_word || spoken;
    }
    at += c.length;
  }
  finish(text.size());
  return words;
}

}  // namespace vivid::render
