// The language of a lesson that names none: the one its reader prefers, as far as it is one.
//
// Threads: pure.
#pragma once

#include <string>
#include <string_view>

namespace vivid::render {

struct PreferredLanguage {
  std::string tag = "en";  // BCP 47, canonical
  std::string warning;     // why it is not the one that was asked for; empty: it is
};

// `wanted` as it was typed: "pt_br", "PT-BR" and "pt-BR" are one; empty means English, and so does what no table here
// knows, with a warning.
PreferredLanguage preferred_language(std::string_view wanted);

}  // namespace vivid::render
