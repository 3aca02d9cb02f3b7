#include "daemon/vividd/status_json.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "daemon/pipeline/job_plan.h"
#include "daemon/vividd/central.h"
#include "daemon/vividd/job_json.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;

double seconds(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

double uptime(const Parts& parts) {
  return std::chrono::duration<double>(parts.clock.steady_now() - parts.started_at).count();
}

const char* state_text(RunState state) {
  if (state == RunState::running) return "running";
  return state == RunState::draining ? "draining" : "stopping";
}

// Known when the probe has answered.
bool lacks_required_hardware(const Parts& parts) {
  return parts.config.render.hardware == "required" && parts.gpus->is_known() && parts.gpus->encoders().empty();
}

json lanes_json(const Parts& parts) {
  json lanes = json::array();
  for (const std::string& lane : all_lanes()) {
    json row = {{"lane", lane},
                {"capacity", parts.dispatcher->capacity_of(lane)},
                {"running", parts.dispatcher->running_in(lane)},
                {"ready", 0},
                {"delayed", 0}};
    if (parts.counts) {
      for (const auto& count : parts.counts->lanes) {
        if (count.lane != lane) continue;
        row["ready"] = count.ready;
        row["delayed"] = count.delayed;
      }
    }
    lanes.push_back(std::move(row));
  }
  return lanes;
}

json workers_json(const Parts& parts) {
  json workers = json::array();
  for (const WorkerSnapshot& worker : parts.workers->snapshot()) {
    workers.push_back({{"pid", worker.pid},
                       {"lane", worker.lane},
                       {"state", to_text(worker.state)},
                       {"job", worker.job.empty() ? json(nullptr) : json(worker.job)},
                       {"gpu", worker.gpu.empty() ? json(nullptr) : json(worker.gpu)},
                       {"stage", worker.job.empty() ? json(nullptr) : json(worker.stage)},
                       {"stages_done", worker.stages_done},
                       {"resident_bytes", worker.resident_bytes},
                       {"age_seconds", seconds(worker.age)}});
  }
  return workers;
}

json gauges_json(const Parts& parts, const std::string& uuid) {
  for (const render::GpuGauges& gpu : parts.gpu_gauges) {
    if (gpu.uuid != uuid) continue;
    const auto known = [](auto value) { return value < 0 ? json(nullptr) : json(value); };
    return {{"utilization", known(gpu.utilization)},
            {"encoder_utilization", known(gpu.encoder_utilization)},
            {"encoder_sessions", known(gpu.encoder_sessions)},
            {"memory_used_bytes", known(gpu.memory_used_bytes)},
            {"memory_total_bytes", known(gpu.memory_total_bytes)},
            {"temperature_celsius", known(gpu.temperature_celsius)},
            {"throttled", gpu.throttled < 0 ? json(nullptr) : json(gpu.throttled > 0)},
            {"problem", gpu.problem.empty() ? json(nullptr) : json(gpu.problem)}};
  }
  return nullptr;
}

json gpu_json(const Parts& parts) {
  const render::GpuReport& report = parts.gpus->report();
  json devices = json::array();
  for (const GpuSnapshot& gpu : parts.gpus->snapshot()) {
    devices.push_back({{"uuid", gpu.uuid},
                       {"name", gpu.name},
                       {"sessions", gpu.sessions},
                       {"sessions_in_use", gpu.in_use},
                       {"breaker", to_text(gpu.breaker)},
                       {"rest_seconds", seconds(gpu.rest_left)},
                       {"failures_in_a_row", gpu.failures_in_a_row},
                       {"times_put_aside", gpu.times_opened},
                       {"sessions_granted", gpu.granted},
                       {"sessions_refused", gpu.taken},
                       {"now", gauges_json(parts, gpu.uuid)}});
  }
  const bool known = parts.gpus->is_known();
  return {{"state", known ? json(render::to_text(report.state)) : json("probing")},
          {"text", known ? json(report.words) : json(nullptr)},
          {"driver", report.driver.empty() ? json(nullptr) : json(report.driver)},
          {"cuda", report.cuda.empty() ? json(nullptr) : json(report.cuda)},
          {"devices", std::move(devices)}};
}

}  // namespace

std::vector<std::string> encoders_of(const Parts& parts) {
  std::vector<std::string> all = parts.gpus->encoders();
  const std::vector<std::string>& software = parts.workers->encoders();
  all.insert(all.end(), software.begin(), software.end());
  return all;
}

std::string host_name(const config::Config& config) {
  if (!config.host.name.empty()) return config.host.name;
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

std::string unready_reason(const Parts& parts) {
  if (parts.state != RunState::running) return state_text(parts.state);
  if (!parts.recovered) return "recovering: stages of an earlier vividd are taken back";
  if (const auto& closed = parts.admission->closed_reason()) return closed->describe();
  if (lacks_required_hardware(parts))
    return "render.hardware is required, but no GPU encodes: " + parts.gpus->report().words;
  return parts.workers->unhealthy_reason();
}

std::string ping_json(const Parts& parts) {
  return to_text(json{{"version", VIVID_VERSION},
                      {"pid", ::getpid()},
                      {"uptime_seconds", uptime(parts)},
                      {"host", host_name(parts.config)}});
}

std::string status_json(const Parts& parts) {
  json jobs = json::object();
  json oldest = nullptr;
  std::int64_t outbox_rows = 0;
  if (parts.counts) {
    for (const auto& [state, count] : parts.counts->jobs) jobs[std::string(queue::to_text(state))] = count;
    outbox_rows = parts.counts->outbox_rows;
    if (parts.counts->oldest_ready_since) oldest = seconds(parts.clock.now() - *parts.counts->oldest_ready_since);
  }
  const auto& closed = parts.admission->closed_reason();
  const std::string http =
      parts.http ? parts.config.http.address + ":" + std::to_string(parts.http->port()) : std::string();
  TextTallies texts{parts.texts_completed, parts.texts_failed, parts.texts_saved_usd};
  if (parts.central) texts += parts.central->texts().tallies();
  return to_text(json{
      {"version", VIVID_VERSION},
      {"host", host_name(parts.config)},
      {"environment", parts.config.host.environment},
      {"state", state_text(parts.state)},
      {"admission", {{"open", !closed.has_value()}, {"reason", closed ? json(closed->describe()) : json(nullptr)}}},
      {"paused_lanes", parts.paused_lanes},
      {"uptime_seconds", uptime(parts)},
      {"jobs", jobs},
      {"lanes", lanes_json(parts)},
      {"workers", workers_json(parts)},
      {"encoders", encoders_of(parts)},
      {"encoder_fallbacks", parts.encoder_fallbacks},
      {"last_fallback", parts.last_fallback.empty() ? json(nullptr) : json(parts.last_fallback)},
      {"gpu", gpu_json(parts)},
      {"text", {{"completed", texts.completed}, {"failed", texts.failed}, {"saved_usd", texts.saved_usd}}},
      {"outbox_rows", outbox_rows},
      {"central", parts.central ? parts.central->status() : json(nullptr)},
      {"oldest_ready_seconds", oldest},
      {"disk_free_bytes", parts.admission->disk_free_bytes()},
      {"http", http.empty() ? json(nullptr) : json(http)}});
}

}  // namespace vivid::daemon
