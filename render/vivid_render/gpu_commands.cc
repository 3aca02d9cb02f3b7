#include "render/vivid_render/gpu_commands.h"

#include <cstdio>
#include <string>

#include "base/units.h"
#include "render/gpu/gpu_probe.h"
#include "render/gpu/nvml.h"
#include "render/vivid_render/command_line.h"
#include "render/vivid_render/interrupt.h"

namespace vivid::render {
namespace {

std::string text_of(const GpuEncoder& encoder) {
  std::string text = "    " + encoder.name + ": ";
  for (const std::string& size : encoder.sizes) text += (size == encoder.sizes.front() ? "" : ", ") + size;
  if (encoder.sizes.empty()) return text + "no: " + encoder.problem;
  return encoder.problem.empty() ? text : text + "; no more: " + encoder.problem;
}

std::string text_of(const GpuDevice& device) {
  std::string text = "  " + device.name + " " + device.uuid + ", compute " + device.compute + ", " +
                     format_size(device.memory_bytes) + (device.mig ? ", MIG" : "") + "\n";
  for (const GpuEncoder& encoder : device.encoders) text += text_of(encoder) + "\n";
  const bool encodes = device.encodes("h264_nvenc") || device.encodes("hevc_nvenc") || device.encodes("av1_nvenc");
  if (!encodes) return text;
  text += "    encoder sessions: ";
  text += device.sessions == 0 ? "no limit met" : "at most " + std::to_string(device.sessions);
  if (device.sessions_of_others > 0) text += ", " + std::to_string(device.sessions_of_others) + " of them others'";
  return text + "\n";
}

std::string text_of(const GpuReport& report) {
  std::string text(to_text(report.state));
  text += ": " + report.words + "\n";
  if (!report.driver.empty()) text += "  driver " + report.driver + ", CUDA " + report.cuda + "\n";
  text += "  tried with " + report.library + "\n";
  for (const GpuDevice& device : report.devices) text += text_of(device);
  return text;
}

// False: nobody reads.
bool print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

}  // namespace

int print_probe(bool json, const std::filesystem::path& cache) {
  const Result<GpuReport> report = cache.empty() ? Result<GpuReport>(probe_gpus()) : probe_gpus_once(cache);
  if (!report) {
    std::fprintf(stderr, "vivid-render: %s\n", report.error().describe().c_str());
    return kExitTransient;
  }
  if (!print(json ? to_json(*report) + "\n" : text_of(*report))) return kExitTransient;
  return report->state == GpuState::ready ? kExitOk : kExitPermanent;
}

int watch_gpus(std::chrono::seconds interval) {
  if (!die_with_parent()) return kExitTransient;
  const auto nvml = Nvml::open();
  if (!nvml) {
    std::fprintf(stderr, "vivid-render: %s\n", nvml.error().describe().c_str());
    return kExitPermanent;
  }
  while (interrupted_by() == 0) {
    if (!print(to_json((*nvml)->gauges()) + "\n")) return kExitTransient;
    wait_or_interrupted(interval);
  }
  return kExitOk;
}

}  // namespace vivid::render
