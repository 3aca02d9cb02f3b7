// Typewriter marks become typographic ones when text is drawn: the input's own bytes stay what layout counts.
//
// Threads: values and free functions. Units: bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vivid::render {

struct Typeset {
  std::string text;
  // Marks in `text` that are longer than the byte each stands for.
  struct Mark {
    std::size_t begin = 0;
    std::size_t length = 0;
  };
  std::vector<Mark> marks;

  // The place in the input of a place in `text`.
  std::size_t source_offset(std::size_t offset) const;
};

// Apostrophes within words, paired double quotation marks as `language` has them, and short numbers that stay on one
// line with what they count.
Typeset typeset(std::string_view source, std::string_view language);

}  // namespace vivid::render
