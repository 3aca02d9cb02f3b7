// What libavformat does not let its caller say: it enables the only text track of an MP4 whatever the disposition, and
// players show an enabled one unasked.
//
// Threads: free functions. Errors: those of the disk; internal for a file that is no MP4 with such a track.
#pragma once

#include <filesystem>

#include "base/error.h"

namespace vivid::render {

// Clears "enabled" of the track, counted from 0 in the order of the file's index (ISO 14496-12, 8.3.2). The file stays
// as long as it is.
Status disable_track(const std::filesystem::path& mp4, int track);

}  // namespace vivid::render
