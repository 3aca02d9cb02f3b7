// Language tags, as far as they matter here: BCP 47 in form, not checked against the registry.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vivid::render {

// "PT_br" → "pt-BR"; nullopt for what is no tag ("English", "e", "en-").
std::optional<std::string> canonical_language(std::string_view tag);

// "pt" of "pt-BR".
std::string_view primary_language(std::string_view tag);

}  // namespace vivid::render
