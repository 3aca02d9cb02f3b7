// Equations written as TeX or plain text, made readable as Pango markup: letters, scripts, fractions and accents.
//
// Threads: free functions. Errors: none: a command that is not known is shown by its name, nothing is dropped.
#pragma once

#include <string>
#include <string_view>

namespace vivid::render {

// Variables stay as they are (the font is italic); digits, operators and words are set upright.
std::string math_markup(std::string_view source);

}  // namespace vivid::render
