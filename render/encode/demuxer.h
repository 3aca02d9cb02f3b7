// An open media file of the local disk. For .cc files only: it includes FFmpeg.
//
// Threads, ownership: as std::unique_ptr.
#pragma once

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "render/encode/av.h"

namespace vivid::render::av {

struct CloseDemuxer {
  void operator()(AVFormatContext* demuxer) const { avformat_close_input(&demuxer); }
};
using Demuxer = std::unique_ptr<AVFormatContext, CloseDemuxer>;

// `formats` are FFmpeg's names of those that may be read, with commas. No other file and no network is touched,
// whatever the file says.
Result<Demuxer> open_demuxer(const std::filesystem::path& path, const char* formats);

}  // namespace vivid::render::av
