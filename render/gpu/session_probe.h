// Which encoders a GPU has, found out by opening sessions: neither a driver nor a build of FFmpeg says what works.
//
// Threads: one probe, one thread. A driver may hang or crash in it: whoever must not, runs it in a process of its own.
#pragma once

#include <optional>
#include <string>

#include "render/protocol/gpu_report.h"

namespace vivid::render {

struct SessionProbe {
  GpuDevice device;                     // as it came in, with encoders, engines and sessions
  std::optional<GpuState> shortcoming;  // why it encodes nothing
  std::string words;                    // of the shortcoming
};

// `index`: CUDA's number of the GPU. `others`: sessions that others have open on it.
SessionProbe probe_sessions(const GpuDevice& device, int index, int others);

}  // namespace vivid::render
