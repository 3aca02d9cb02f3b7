// What a video was made with, for its manifest.
//
// Threads: pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace vivid::render {

// Name and version of this program and of the media libraries it runs with, in a fixed order.
std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace vivid::render
