// What an encoder of libavcodec is told before it begins. For .cc files only: it includes FFmpeg.
//
// Threads: free functions.
#pragma once

#include "base/error.h"
#include "render/encode/av.h"
#include "render/encode/held_stream.h"
#include "render/encode/video_encoder.h"

namespace vivid::render {

// Opens a session that sees every frame, or one that sees changed pictures only and leaves held ones to a splicer.
// Errors: as VideoEncoder::open.
Result<av::Codec> open_codec(const EncoderKind& kind, const RenderOptions& options, bool splicing);

// What held and passing pictures are worth to it. Measured on slides beside the same encoder shown every frame: videos
// are no larger, and their pictures no worse.
Worth worth_of_held(const RenderOptions& options);

// A frame of the options' size and colours, with room for its pixels.
Result<av::Frame> make_picture(const RenderOptions& options);

}  // namespace vivid::render
