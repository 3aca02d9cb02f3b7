// Mathematics amid text, as TeX: $…$ and \(…\) within a line, $$…$$ and \[…\] on lines of their own.
//
// A dollar sign that means money is one: "$5 and $10" holds no mathematics. \$ is always the sign itself.
//
// Threads: pure functions. Ownership: spans point into the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vivid::render {

struct MathSpan {
  std::size_t begin = 0;  // bytes into the text, delimiters included
  std::size_t end = 0;
  std::string_view tex;  // without them
  bool display = false;
};

// In order; none overlaps another.
std::vector<MathSpan> find_math(std::string_view text);

// The text with its mathematics as a reader or a voice takes it: "$v^2$ is small" → "v² is small".
std::string without_tex(std::string_view text);

// "$x$" → "x": what a field that holds nothing but mathematics means.
std::string_view bare_tex(std::string_view text);

}  // namespace vivid::render
