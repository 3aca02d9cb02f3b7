// "did you mean": the known word nearest to a mistyped one.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vivid::ctl {

// A word that begins so, else the one with the fewest slips; nothing beyond a slip for every three letters.
std::optional<std::string> nearest_word(std::string_view typed, const std::vector<std::string>& known);

}  // namespace vivid::ctl
