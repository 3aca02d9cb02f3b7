#include "render/gpu/gpu_probe.h"

#include <utility>

#include "base/files.h"
#include "render/encode/av.h"
#include "render/gpu/cuda_driver.h"
#include "render/gpu/nvml.h"
#include "render/gpu/session_probe.h"

namespace vivid::render {
namespace {

constexpr std::size_t kMaxReportBytes = 1 << 20;

std::string library_text() { return std::string("FFmpeg ") + av_version_info() + ", vivid-render " VIVID_VERSION; }

// Without a session: quick, and the same as long as nothing has changed.
GpuReport look(const Nvml* nvml) {
  CudaView cuda = look_at_cuda();
  GpuReport report;
  report.state = cuda.state;
  report.words = std::move(cuda.words);
  report.cuda = std::move(cuda.version);
  report.library = library_text();
  report.devices = std::move(cuda.devices);
  if (nvml != nullptr) report.driver = nvml->driver_version();
  return report;
}

int sessions_now(const Nvml* nvml, const std::string& uuid) {
  if (nvml == nullptr) return 0;
  for (const GpuGauges& gpu : nvml->gauges()) {
    if (gpu.uuid == uuid) return static_cast<int>(gpu.encoder_sessions);
  }
  return 0;
}

void try_sessions(GpuReport& report, const Nvml* nvml) {
  int usable = 0;
  for (std::size_t i = 0; i < report.devices.size(); ++i) {
    GpuDevice& device = report.devices[i];
    if (nvml != nullptr && nvml->is_mig(device.uuid)) device.mig = true;
    SessionProbe probe = probe_sessions(device, static_cast<int>(i), sessions_now(nvml, device.uuid));
    device = std::move(probe.device);
    if (!probe.shortcoming) {
      ++usable;
    } else if (usable == 0) {
      report.state = *probe.shortcoming;
      report.words = std::move(probe.words);
    }
  }
  if (usable == 0) return;
  report.state = GpuState::ready;
  report.words = std::to_string(usable) + (usable == 1 ? " GPU encodes" : " GPUs encode");
}

GpuReport probe(GpuReport report, const Nvml* nvml) {
  if (report.state == GpuState::ready) try_sessions(report, nvml);
  return report;
}

bool still_right(const GpuReport& then, const GpuReport& now) {
  if (then.driver != now.driver || then.cuda != now.cuda || then.library != now.library) return false;
  if (now.driver.empty() || then.devices.size() != now.devices.size()) return false;
  for (std::size_t i = 0; i < now.devices.size(); ++i) {
    if (then.devices[i].uuid != now.devices[i].uuid) return false;
  }
  return true;
}

}  // namespace

GpuReport probe_gpus() {
  const auto nvml = Nvml::open();
  const Nvml* library = nvml ? nvml->get() : nullptr;
  return probe(look(library), library);
}

Result<GpuReport> probe_gpus_once(const std::filesystem::path& file) {
  const auto nvml = Nvml::open();
  const Nvml* library = nvml ? nvml->get() : nullptr;
  GpuReport now = look(library);
  if (now.state != GpuState::ready) return now;
  if (const auto text = read_file(file, kMaxReportBytes)) {
    const auto then = gpu_report_from_json(*text);
    if (then && still_right(*then, now)) return *then;
  }
  GpuReport fresh = probe(std::move(now), library);
  if (fresh.state == GpuState::ready) VIVID_TRY(write_file_durably(file, to_json(fresh)));
  return fresh;
}

}  // namespace vivid::render
