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

// Known from the first worker on.
bool lacks_required_hardware(const Parts& parts) {
  const std::vector<std::string>& encoders = parts.workers->encoders();
  return parts.config.render.hardware == "required" && !encoders.empty() &&
         std::all_of(encoders.begin(), encoders.end(), [](const auto& name) { return name.starts_with("lib"); });
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
                       {"stage", worker.job.empty() ? json(nullptr) : json(worker.stage)},
                       {"stages_done", worker.stages_done},
                       {"resident_bytes", worker.resident_bytes},
                       {"age_seconds", seconds(worker.age)}});
  }
  return workers;
}

}  // namespace

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
  if (lacks_required_hardware(parts)) return "render.hardware is required, but no worker could open a hardware encoder";
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
      {"encoders", parts.workers->encoders()},
      {"encoder_fallbacks", parts.encoder_fallbacks},
      {"text", {{"completed", texts.completed}, {"failed", texts.failed}, {"saved_usd", texts.saved_usd}}},
      {"outbox_rows", outbox_rows},
      {"central", parts.central ? parts.central->status() : json(nullptr)},
      {"oldest_ready_seconds", oldest},
      {"disk_free_bytes", parts.admission->disk_free_bytes()},
      {"http", http.empty() ? json(nullptr) : json(http)}});
}

}  // namespace vivid::daemon
