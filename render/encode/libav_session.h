// Encoders that libavcodec offers: those of a device.
//
// Threads, errors: as VideoEncoder.
#pragma once

#include <memory>

#include "render/encode/encoder_session.h"
#include "render/encode/video_encoder.h"

namespace vivid::render {

// `splicing`: it is shown changed pictures only, and its stream left to a splicer.
Result<std::unique_ptr<EncoderSession>> open_libav_session(const EncoderKind& kind, const RenderOptions& options,
                                                           bool splicing);

}  // namespace vivid::render
