// Which encoder does the work: found out by opening it, since neither a driver nor a build says what a device can do.
//
// Threads: as VideoEncoder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/encode/video_encoder.h"

namespace vivid::render {

struct ChosenEncoder {
  std::unique_ptr<VideoEncoder> encoder;
  // Why it is not the one that was asked for, or that `auto` would have preferred; empty: it is.
  std::string fallback_reason;
};

// `auto` means h264_nvenc where a session opens, else libx264. Errors: invalid_input for an unknown name or one that
// contradicts options.hardware; unsupported when hardware is required and there is none.
Result<ChosenEncoder> choose_encoder(const RenderOptions& options);

// The software encoders that work here. Devices are another matter: each session of theirs is one less for others.
std::vector<std::string> usable_encoders();

}  // namespace vivid::render
