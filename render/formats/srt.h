// Captions as SubRip, for players that do not know WebVTT.
//
// Threads: pure.
#pragma once

#include <string>
#include <vector>

#include "render/speech/narration.h"

namespace vivid::render {

// UTF-8, lines end in CR LF. What players would take for a tag is told apart by a zero-width space: the format knows no
// escapes.
std::string to_srt(const std::vector<Caption>& captions);

}  // namespace vivid::render
