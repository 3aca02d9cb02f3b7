// What a probe found out about the GPUs of this host and their encoders, and what they are doing now: said by
// vivid-render, which may touch drivers, and read by vividd, which must not.
//
// Threads: values and pure functions. Errors: invalid_input for text that is no such report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::render {

enum class GpuState {
  ready,           // at least one GPU encodes
  no_driver,       // no CUDA here
  no_device,       // CUDA, but no GPU that this process may see
  no_encoder,      // CUDA without NVENC: compute cards, or a container that leaves video out
  driver_too_old,  // for the NVENC that FFmpeg was built for
  busy,            // others hold every encoder session
  broken,          // a driver that does not do what it says it can
};
std::string_view to_text(GpuState state);

struct GpuEncoder {
  std::string name;                // h264_nvenc …
  std::vector<std::string> sizes;  // a session was opened for: 1920x1080 …
  std::string problem;             // why the largest asked for was not among them; empty: it was
};

struct GpuDevice {
  std::string uuid;  // as CUDA_VISIBLE_DEVICES takes it: GPU-… or MIG-…
  std::string name;
  std::string compute;  // 8.9
  std::uint64_t memory_bytes = 0;
  bool mig = false;            // MIG mode is on
  int engines = 0;             // that encode; 0: nothing says
  int sessions = 0;            // that may be open at once, others' included; 0: no limit was met
  int sessions_of_others = 0;  // open while it was tried
  std::vector<GpuEncoder> encoders;

  // Whether a session of this encoder was opened.
  bool encodes(std::string_view encoder) const;
};

struct GpuReport {
  GpuState state = GpuState::no_driver;
  std::string words;    // for a person: why there is nothing, or how much there is
  std::string driver;   // 550.54.14; empty: unknown
  std::string cuda;     // 12.4: what the driver supports
  std::string library;  // which FFmpeg it was tried with
  std::vector<GpuDevice> devices;
};

// What one GPU is doing. A number below zero: its driver does not say.
struct GpuGauges {
  std::string uuid;
  double utilization = -1;          // 0 … 1
  double encoder_utilization = -1;  // 0 … 1
  std::int64_t encoder_sessions = -1;
  std::int64_t memory_used_bytes = -1;
  std::int64_t memory_total_bytes = -1;
  double temperature_celsius = -1;
  int throttled = -1;   // 1: clocks are held down by heat or power
  std::string problem;  // why it does not answer; empty: it does
};

// One line each.
std::string to_json(const GpuReport& report);
Result<GpuReport> gpu_report_from_json(std::string_view text);
std::string to_json(const std::vector<GpuGauges>& gauges);
Result<std::vector<GpuGauges>> gpu_gauges_from_json(std::string_view text);

}  // namespace vivid::render
