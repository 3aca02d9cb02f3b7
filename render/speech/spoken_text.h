// What is written, as it is read out: formulas letter by letter, operators by name; with the way back to what is
// written.
//
//   "6 CO₂ → C₆H₁₂O₆"  ▶  "6 C O 2 yields C 6 H 12 O 6"
//
// Threads: pure function.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vivid::render {

struct SpokenText {
  std::string text;
  // For each code point of `text`, the byte of the written text that it stands for; never falls.
  std::vector<std::size_t> origins;
};

// Operators have names in English, Spanish, French, German, Portuguese and Italian; elsewhere the voice names them
// itself.
SpokenText to_spoken(std::string_view written, std::string_view language);

}  // namespace vivid::render
