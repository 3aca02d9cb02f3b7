#include "render/gpu/nvml.h"

#include <array>
#include <optional>
#include <utility>

#include "render/gpu/shared_library.h"

namespace vivid::render {
namespace {

// As nvml.h has them; a host without the driver need not have the header either.
using Device = void*;
struct Utilization {
  unsigned gpu;
  unsigned memory;
};
struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};
constexpr int kSuccess = 0;
constexpr int kTemperatureOfGpu = 0;
// Thermal and power reasons of nvmlClocksThrottleReasons: software power cap, hardware slowdown, software thermal,
// hardware thermal, hardware power brake.
constexpr unsigned long long kHeldDown = 0x4 | 0x8 | 0x20 | 0x40 | 0x80;
constexpr double kPercent = 100.0;

struct Functions {
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*driver)(char*, unsigned) = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*by_index)(unsigned, Device*) = nullptr;
  int (*uuid)(Device, char*, unsigned) = nullptr;
  // Older drivers and some cards lack these.
  int (*memory)(Device, Memory*) = nullptr;
  int (*utilization)(Device, Utilization*) = nullptr;
  int (*encoder)(Device, unsigned*, unsigned*) = nullptr;
  int (*encoder_stats)(Device, unsigned*, unsigned*, unsigned*) = nullptr;
  int (*temperature)(Device, int, unsigned*) = nullptr;
  int (*throttle)(Device, unsigned long long*) = nullptr;
  int (*mig)(Device, unsigned*, unsigned*) = nullptr;
};

template <typename Function>
void look_up(const SharedLibrary& library, const char* name, Function*& to) {
  to = library.find<Function>(name);
}

Functions find_functions(const SharedLibrary& library) {
  Functions all;
  look_up(library, "nvmlInit_v2", all.init);
  look_up(library, "nvmlShutdown", all.shutdown);
  look_up(library, "nvmlSystemGetDriverVersion", all.driver);
  look_up(library, "nvmlDeviceGetCount_v2", all.count);
  look_up(library, "nvmlDeviceGetHandleByIndex_v2", all.by_index);
  look_up(library, "nvmlDeviceGetUUID", all.uuid);
  look_up(library, "nvmlDeviceGetMemoryInfo", all.memory);
  look_up(library, "nvmlDeviceGetUtilizationRates", all.utilization);
  look_up(library, "nvmlDeviceGetEncoderUtilization", all.encoder);
  look_up(library, "nvmlDeviceGetEncoderStats", all.encoder_stats);
  look_up(library, "nvmlDeviceGetTemperature", all.temperature);
  look_up(library, "nvmlDeviceGetCurrentClocksThrottleReasons", all.throttle);
  look_up(library, "nvmlDeviceGetMigMode", all.mig);
  return all;
}

// Calls what may be missing; false: it is, or it failed.
template <typename... Parameters, typename... Arguments>
bool ask(int (*function)(Parameters...), Arguments... arguments) {
  return function != nullptr && function(arguments...) == kSuccess;
}

}  // namespace

struct Nvml::State {
  SharedLibrary library;
  Functions call;

  std::optional<std::string> uuid_of(Device device) const {
    std::array<char, 96> text{};
    if (!ask(call.uuid, device, text.data(), static_cast<unsigned>(text.size() - 1))) return std::nullopt;
    return std::string(text.data());
  }

  std::vector<Device> devices() const {
    unsigned count = 0;
    std::vector<Device> all;
    if (!ask(call.count, &count)) return all;
    for (unsigned i = 0; i < count; ++i) {
      Device device = nullptr;
      if (ask(call.by_index, i, &device)) all.push_back(device);
    }
    return all;
  }

  GpuGauges gauges_of(Device device) const {
    GpuGauges seen;
    const auto uuid = uuid_of(device);
    seen.uuid = uuid.value_or("");
    if (!uuid) seen.problem = "the driver does not answer for it any more";
    if (Memory memory{}; ask(call.memory, device, &memory)) {
      seen.memory_used_bytes = static_cast<std::int64_t>(memory.used);
      seen.memory_total_bytes = static_cast<std::int64_t>(memory.total);
    }
    if (Utilization rates{}; ask(call.utilization, device, &rates)) seen.utilization = rates.gpu / kPercent;
    unsigned first = 0;
    unsigned second = 0;
    unsigned third = 0;
    if (ask(call.encoder, device, &first, &second)) seen.encoder_utilization = first / kPercent;
    if (ask(call.encoder_stats, device, &first, &second, &third)) seen.encoder_sessions = first;
    if (ask(call.temperature, device, kTemperatureOfGpu, &first)) seen.temperature_celsius = first;
    unsigned long long reasons = 0;
    if (ask(call.throttle, device, &reasons)) seen.throttled = (reasons & kHeldDown) != 0 ? 1 : 0;
    return seen;
  }
};

Nvml::Nvml(std::unique_ptr<State> state) : state_(std::move(state)) {}
Nvml::~Nvml() { ask(state_->call.shutdown); }

Result<std::unique_ptr<Nvml>> Nvml::open() {
  VIVID_ASSIGN(SharedLibrary library, SharedLibrary::open("libnvidia-ml.so.1"));
  const Functions functions = find_functions(library);
  const bool whole = functions.init != nullptr && functions.driver != nullptr && functions.count != nullptr &&
                     functions.by_index != nullptr && functions.uuid != nullptr;
  if (!whole) return fail(ErrorCode::unsupported, "libnvidia-ml.so.1 lacks what every driver since 2013 has");
  const int started = functions.init();
  if (started != kSuccess) {
    return fail(ErrorCode::unavailable, "NVML does not start (error " + std::to_string(started) + ")");
  }
  return std::unique_ptr<Nvml>(new Nvml(std::make_unique<State>(State{std::move(library), functions})));
}

std::string Nvml::driver_version() const {
  std::array<char, 96> text{};
  if (!ask(state_->call.driver, text.data(), static_cast<unsigned>(text.size() - 1))) return {};
  return text.data();
}

std::vector<GpuGauges> Nvml::gauges() const {
  std::vector<GpuGauges> all;
  for (const Device device : state_->devices()) all.push_back(state_->gauges_of(device));
  return all;
}

bool Nvml::is_mig(const std::string& uuid) const {
  for (const Device device : state_->devices()) {
    if (state_->uuid_of(device) != uuid) continue;
    unsigned current = 0;
    unsigned pending = 0;
    return ask(state_->call.mig, device, &current, &pending) && current == 1;
  }
  return false;
}

}  // namespace vivid::render
