// One track of a finished file as a CMAF track file: a header, then a fragment for each segment (ISO/IEC 23000-19).
//
// Threads: blocks; keep_going is asked at every packet. Memory: one segment. Errors: cancelled when keep_going says no;
// data_corrupt for a file that cannot be read; those of writing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <vector>

#include "base/error.h"
#include "render/formats/playlist.h"

namespace vivid::render {

enum class TrackKind { picture, sound };

// The frames of the file's video at which decoding can start.
Result<std::set<std::int64_t>> starting_frames(const std::filesystem::path& file, int frames_per_second,
                                               const std::function<bool()>& keep_going);

struct Cuts {
  std::vector<std::int64_t> frames;  // where segments begin, the first at 0
  std::int64_t end = 0;              // one after the last frame
  int frames_per_second = 1;
};
// As many segments as fit: each as long as it can be without exceeding about six seconds, beginning where `starts` says
// that it can.
Cuts choose_cuts(const std::set<std::int64_t>& starts, std::int64_t frames, int frames_per_second);

// Writes directory/track.file, and says what is where in it.
Result<SegmentedTrack> write_fragments(const std::filesystem::path& from, TrackKind kind,
                                       const std::filesystem::path& to, const Cuts& cuts,
                                       const std::function<bool()>& keep_going);

}  // namespace vivid::render
