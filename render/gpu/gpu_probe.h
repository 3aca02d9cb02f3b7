// Everything that can be found out about this host's GPUs, and the memory of what was found before.
//
// Threads: one at a time. A driver may hang or crash in it: see session_probe.h.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "render/protocol/gpu_report.h"

namespace vivid::render {

GpuReport probe_gpus();

// What `file` remembers, if driver, GPUs and FFmpeg are still those it was found out with; else a fresh probe, which
// is remembered if it is good: what is wrong today may be right tomorrow. A file that cannot be written is an error.
Result<GpuReport> probe_gpus_once(const std::filesystem::path& file);

}  // namespace vivid::render
