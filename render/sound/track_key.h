// What determines a lesson's finished sound, as one short text: two recipes with the same key give the same packets, so
// whoever keeps those may hand them out again. Titles, chapters and languages are not sound: a file around the packets
// has them.
//
// Threads: free function; it reads the narration and the music once. Errors: those of the disk.
#pragma once

#include <string>

#include "base/error.h"
#include "render/sound/master.h"

namespace vivid::render {

// 64 hex digits.
Result<std::string> sound_track_key(const SoundRecipe& recipe);

}  // namespace vivid::render
