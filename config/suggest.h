// "Did you mean": the known name nearest to a mistyped one.
//
// Threads: pure function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vivid::config {

// Empty when nothing is near enough: two letters swapped or a third of them wrong is a slip, more is a different word.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

}  // namespace vivid::config
