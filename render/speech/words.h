// The words of an utterance, as captions show them.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace vivid::render {

// Bytes of the text.
struct WordSpan {
  std::size_t offset = 0;
  std::size_t length = 0;
};

// Runs between spaces, their punctuation included; in scripts without spaces each character with the punctuation that
// follows it. A run of punctuation alone is no word.
std::vector<WordSpan> split_words(std::string_view text);

}  // namespace vivid::render
