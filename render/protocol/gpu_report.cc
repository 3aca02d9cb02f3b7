#include "render/protocol/gpu_report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace vivid::render {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 7> kStates{"ready",          "no_driver", "no_device", "no_encoder",
                                                  "driver_too_old", "busy",      "broken"};
// More than any host has; what says more is broken.
constexpr std::size_t kMostDevices = 256;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json encoder_json(const GpuEncoder& encoder) {
  return {{"name", encoder.name}, {"sizes", encoder.sizes}, {"problem", encoder.problem}};
}

json device_json(const GpuDevice& device) {
  json encoders = json::array();
  for (const GpuEncoder& encoder : device.encoders) encoders.push_back(encoder_json(encoder));
  return {{"uuid", device.uuid},
          {"name", device.name},
          {"compute", device.compute},
          {"memory_bytes", device.memory_bytes},
          {"mig", device.mig},
          {"engines", device.engines},
          {"sessions", device.sessions},
          {"sessions_of_others", device.sessions_of_others},
          {"encoders", std::move(encoders)}};
}

// Reads what is there and of the right kind; the rest keeps its default.
template <typename T>
void take(const json& object, const char* key, T& to) {
  const auto found = object.find(key);
  if (found == object.end()) return;
  if constexpr (std::is_same_v<T, std::string>) {
    if (found->is_string()) to = found->get<std::string>();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (found->is_boolean()) to = found->get<bool>();
  } else {
    if (found->is_number()) to = found->get<T>();
  }
}

GpuEncoder encoder_from(const json& object) {
  GpuEncoder encoder;
  take(object, "name", encoder.name);
  take(object, "problem", encoder.problem);
  for (const json& size : object.value("sizes", json::array())) {
    if (size.is_string()) encoder.sizes.push_back(size.get<std::string>());
  }
  return encoder;
}

GpuDevice device_from(const json& object) {
  GpuDevice device;
  take(object, "uuid", device.uuid);
  take(object, "name", device.name);
  take(object, "compute", device.compute);
  take(object, "memory_bytes", device.memory_bytes);
  take(object, "mig", device.mig);
  take(object, "engines", device.engines);
  take(object, "sessions", device.sessions);
  take(object, "sessions_of_others", device.sessions_of_others);
  for (const json& encoder : object.value("encoders", json::array())) {
    if (encoder.is_object()) device.encoders.push_back(encoder_from(encoder));
  }
  return device;
}

GpuGauges gauges_from(const json& object) {
  GpuGauges gauges;
  take(object, "uuid", gauges.uuid);
  take(object, "utilization", gauges.utilization);
  take(object, "encoder_utilization", gauges.encoder_utilization);
  take(object, "encoder_sessions", gauges.encoder_sessions);
  take(object, "memory_used_bytes", gauges.memory_used_bytes);
  take(object, "memory_total_bytes", gauges.memory_total_bytes);
  take(object, "temperature_celsius", gauges.temperature_celsius);
  take(object, "throttled", gauges.throttled);
  take(object, "problem", gauges.problem);
  return gauges;
}

Result<json> list_in(std::string_view text, const char* key, json& whole) {
  whole = json::parse(text, nullptr, false);
  if (!whole.is_object()) return fail(ErrorCode::invalid_input, "a GPU report must be a JSON object");
  const json list = whole.value(key, json());
  if (!list.is_array() || list.size() > kMostDevices) {
    return fail(ErrorCode::invalid_input,
                std::string("a GPU report's ") + key + " must be a list of at most " + std::to_string(kMostDevices));
  }
  for (const json& item : list) {
    const bool named = item.is_object() && item.contains("uuid") && item["uuid"].is_string();
    if (!named) return fail(ErrorCode::invalid_input, std::string("a GPU report's ") + key + " must have a uuid each");
  }
  return list;
}

}  // namespace

std::string_view to_text(GpuState state) { return kStates[static_cast<std::size_t>(state)]; }

bool GpuDevice::encodes(std::string_view encoder) const {
  return std::any_of(encoders.begin(), encoders.end(),
                     [&](const GpuEncoder& found) { return found.name == encoder && !found.sizes.empty(); });
}

std::string to_json(const GpuReport& report) {
  json devices = json::array();
  for (const GpuDevice& device : report.devices) devices.push_back(device_json(device));
  return dump({{"state", to_text(report.state)},
               {"words", report.words},
               {"driver", report.driver},
               {"cuda", report.cuda},
               {"library", report.library},
               {"devices", std::move(devices)}});
}

Result<GpuReport> gpu_report_from_json(std::string_view text) try {
  json object;
  VIVID_ASSIGN(const json devices, list_in(text, "devices", object));
  std::string state;
  take(object, "state", state);
  const auto known = std::find(kStates.begin(), kStates.end(), state);
  if (known == kStates.end()) return fail(ErrorCode::invalid_input, "a GPU report's state is '" + state + "'");
  GpuReport report;
  report.state = static_cast<GpuState>(known - kStates.begin());
  take(object, "words", report.words);
  take(object, "driver", report.driver);
  take(object, "cuda", report.cuda);
  take(object, "library", report.library);
  for (const json& device : devices) report.devices.push_back(device_from(device));
  return report;
} catch (const json::exception& error) {
  return fail(ErrorCode::invalid_input, std::string("a GPU report cannot be read: ") + error.what());
}

std::string to_json(const std::vector<GpuGauges>& gauges) {
  json list = json::array();
  for (const GpuGauges& gpu : gauges) {
    list.push_back({{"uuid", gpu.uuid},
                    {"utilization", gpu.utilization},
                    {"encoder_utilization", gpu.encoder_utilization},
                    {"encoder_sessions", gpu.encoder_sessions},
                    {"memory_used_bytes", gpu.memory_used_bytes},
                    {"memory_total_bytes", gpu.memory_total_bytes},
                    {"temperature_celsius", gpu.temperature_celsius},
                    {"throttled", gpu.throttled},
                    {"problem", gpu.problem}});
  }
  return dump({{"gpus", std::move(list)}});
}

Result<std::vector<GpuGauges>> gpu_gauges_from_json(std::string_view text) try {
  json object;
  VIVID_ASSIGN(const json list, list_in(text, "gpus", object));
  std::vector<GpuGauges> gauges;
  for (const json& gpu : list) gauges.push_back(gauges_from(gpu));
  return gauges;
} catch (const json::exception& error) {
  return fail(ErrorCode::invalid_input, std::string("GPU gauges cannot be read: ") + error.what());
}

}  // namespace vivid::render
