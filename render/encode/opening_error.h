// Why an encoder did not open: nothing here can ever do it, or just not now.
//
// Threads: pure.
#pragma once

#include <string_view>

#include "base/error.h"
#include "render/encode/video_encoder.h"

namespace vivid::render {

// `number` is what FFmpeg returned, `said` what it and the driver wrote meanwhile. unsupported: no such encoder, device
// or driver, for good. resource_exhausted: others hold the device's sessions or memory; worth another attempt.
// invalid_input: a software encoder refuses an option.
ErrorCode opening_error_code(const EncoderKind& kind, int number, std::string_view said);

}  // namespace vivid::render
