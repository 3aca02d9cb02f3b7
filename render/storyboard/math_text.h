// Equations written as TeX or plain text, made readable where they cannot be set: letters, scripts, fractions and
// accents, as Pango markup or as bare text.
//
// Threads: free functions. Errors: none: a command that is not known is shown by its name, nothing is dropped.
#pragma once

#include <string>
#include <string_view>

namespace vivid::render {

// Stands, unseen, before a letter over which an arrow is drawn: U+2060.
inline constexpr std::string_view kVectorMark = "\u2060";

// Variables stay as they are (the font is italic); digits, operators and words are set upright.
std::string math_markup(std::string_view source);

// "v^2" → "v²", "a_{max}" → "a_max", "\\frac{a}{b}" → "a/b".
std::string math_plain(std::string_view source);

}  // namespace vivid::render
