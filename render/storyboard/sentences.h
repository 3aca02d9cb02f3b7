// Running text cut into sentences, as a voice rests between them and as bullets show them.
//
// Threads: pure functions. Ownership: the parts point into the text.
#pragma once

#include <string_view>
#include <vector>

namespace vivid::render {

// Longer sentences are parted at a clause, a space or between characters, in this order of preference.
inline constexpr std::size_t kMaxSentenceBytes = 600;

// Trimmed, in order, none empty. Abbreviations, initials, decimals and list numbers do not end a sentence; line ends
// do.
std::vector<std::string_view> split_sentences(std::string_view text);

}  // namespace vivid::render
