// What x264 is told before it begins. For .cc files only: it includes x264.
//
// Threads: free functions.
#pragma once

#include <cstdint>

extern "C" {
#include <x264.h>
}

#include "base/error.h"
#include "render/protocol/options.h"

namespace vivid::render {

// Errors: invalid_input for a preset that x264 does not have.
Result<x264_param_t> x264_settings(const RenderOptions& options, bool splicing);

}  // namespace vivid::render
