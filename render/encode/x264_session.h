// x264, driven directly: it takes hints that libavcodec does not pass on, such as which macroblocks did not change.
//
// Threads: as VideoEncoder; x264 starts its own. Memory: a bounded number of pictures. Errors: invalid_input for an
// option that x264 refuses, with what it said; resource_exhausted where memory or threads are short; internal where it
// fails on a picture.
#pragma once

#include <memory>

#include "render/encode/encoder_session.h"
#include "render/protocol/options.h"

namespace vivid::render {

// `splicing`: it is shown changed pictures only, and its stream left to a splicer.
Result<std::unique_ptr<EncoderSession>> open_x264_session(const RenderOptions& options, bool splicing);

}  // namespace vivid::render
