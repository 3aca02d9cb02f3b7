// What NVENC is told before it begins: settings for lessons, whose pictures are text and drawings that stay for long.
// For .cc files only: it includes FFmpeg.
//
// Threads: free function.
#pragma once

#include <string_view>

#include "render/encode/av.h"
#include "render/protocol/options.h"

namespace vivid::render {

// `encoder`: h264_nvenc, hevc_nvenc or av1_nvenc. `splicing`: it is shown changed pictures only, and its stream must be
// one that held frames can be put into.
void set_nvenc_options(std::string_view encoder, const RenderOptions& options, bool splicing, AVCodecContext& codec,
                       av::Dictionary& settings);

}  // namespace vivid::render
