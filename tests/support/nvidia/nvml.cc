// libnvidia-ml.so.1 of the stand-in driver: what our probe and gauges ask of it. NVML sees every GPU, whatever
// CUDA_VISIBLE_DEVICES says.
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/support/nvidia/control.h"
#include "tests/support/nvidia/device.h"

#define STAND_IN_API __attribute__((visibility("default"))) int

namespace stand_in = vivid::stand_in;

namespace {

constexpr int kSuccess = 0;
constexpr int kInvalidArgument = 2;
constexpr int kLost = 15;
constexpr unsigned long long kMemoryBytes = 8ULL << 30;

// A handle is the number of its GPU and one: never null.
int gpu_of(void* device) { return static_cast<int>(reinterpret_cast<std::size_t>(device)) - 1; }

template <typename Work>
int about(const char* function, void* device, Work&& work) {
  if (const auto code = stand_in::disturb(function, gpu_of(device), kLost)) return *code;
  work();
  return kSuccess;
}

void put(const std::string& text, char* to, unsigned size) { std::snprintf(to, size, "%s", text.c_str()); }

struct Utilization {
  unsigned gpu;
  unsigned memory;
};
struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

}  // namespace

extern "C" {

STAND_IN_API nvmlInit_v2() { return stand_in::disturb("nvmlInit_v2", -1, kLost).value_or(kSuccess); }
STAND_IN_API nvmlShutdown() { return kSuccess; }
STAND_IN_API nvmlSystemGetDriverVersion(char* text, unsigned size) {
  put(stand_in::read_control().settings.driver, text, size);
  return kSuccess;
}
STAND_IN_API nvmlDeviceGetCount_v2(unsigned* count) {
  *count = static_cast<unsigned>(stand_in::read_control().settings.gpus);
  return kSuccess;
}
STAND_IN_API nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  if (static_cast<int>(index) >= stand_in::read_control().settings.gpus) return kInvalidArgument;
  *device = reinterpret_cast<void*>(static_cast<std::size_t>(index) + 1);
  return kSuccess;
}
STAND_IN_API nvmlDeviceGetUUID(void* device, char* text, unsigned size) {
  return about("nvmlDeviceGetUUID", device, [&] { put(stand_in::uuid_of(gpu_of(device)), text, size); });
}
STAND_IN_API nvmlDeviceGetName(void* device, char* text, unsigned size) {
  return about("nvmlDeviceGetName", device, [&] { put(stand_in::read_control().settings.name, text, size); });
}
STAND_IN_API nvmlDeviceGetMemoryInfo(void* device, Memory* memory) {
  return about("nvmlDeviceGetMemoryInfo", device, [&] {
    *memory = {kMemoryBytes, kMemoryBytes / 2, kMemoryBytes / 2};
  });
}
STAND_IN_API nvmlDeviceGetUtilizationRates(void* device, Utilization* rates) {
  return about("nvmlDeviceGetUtilizationRates", device, [&] { *rates = {25, 10}; });
}
STAND_IN_API nvmlDeviceGetEncoderUtilization(void* device, unsigned* percent, unsigned* period) {
  return about("nvmlDeviceGetEncoderUtilization", device, [&] {
    *percent = static_cast<unsigned>(10 * stand_in::sessions_in_use(gpu_of(device)));
    *period = 167'000;
  });
}
STAND_IN_API nvmlDeviceGetEncoderStats(void* device, unsigned* sessions, unsigned* rate, unsigned* latency) {
  return about("nvmlDeviceGetEncoderStats", device, [&] {
    *sessions = static_cast<unsigned>(stand_in::sessions_in_use(gpu_of(device)));
    *rate = 0;
    *latency = 0;
  });
}
STAND_IN_API nvmlDeviceGetTemperature(void* device, int, unsigned* celsius) {
  return about("nvmlDeviceGetTemperature", device,
               [&] { *celsius = static_cast<unsigned>(stand_in::read_control().settings.temperature); });
}
STAND_IN_API nvmlDeviceGetCurrentClocksThrottleReasons(void* device, unsigned long long* reasons) {
  return about("nvmlDeviceGetCurrentClocksThrottleReasons", device,
               [&] { *reasons = static_cast<unsigned long long>(stand_in::read_control().settings.throttle_reasons); });
}
STAND_IN_API nvmlDeviceGetMigMode(void* device, unsigned* current, unsigned* pending) {
  return about("nvmlDeviceGetMigMode", device, [&] { *current = *pending = 0; });
}

}  // extern "C"
