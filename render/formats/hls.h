// The video at several sizes as one stream that adapts to the line: HTTP Live Streaming (RFC 8216) of CMAF tracks.
//
// Every track is one file, whose segments are byte ranges: a lesson stays a handful of objects however long it is.
// Segments begin at the same frames in all sizes.
//
// Threads: blocks. Memory: one segment. Errors: as Fragmenter; cancelled when keep_going says no.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/formats/picture_scaler.h"
#include "render/speech/narration.h"

namespace vivid::render {

struct HlsSize {
  std::filesystem::path file;  // an MP4 of this size
  PictureSize size;
};

struct HlsOptions {
  std::filesystem::path directory;  // results go to directory/hls
  std::vector<HlsSize> sizes;       // the largest first; the sound is the first's
  int frames_per_second = 30;
  std::int64_t frames = 0;
  std::string sound_language;  // BCP 47
  // With audio descriptions, as long as the other; empty: none.
  std::filesystem::path described_sound;
  std::string captions_language;
  std::vector<Caption> captions;  // none: no such track
};

// The names of what was written, relative to the directory, in the order in which it is to be published: playlists come
// after what they name.
Result<std::vector<std::string>> write_hls(const HlsOptions& options, const std::function<bool()>& keep_going);

}  // namespace vivid::render
