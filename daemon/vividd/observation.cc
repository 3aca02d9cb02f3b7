#include "daemon/vividd/observation.h"

#include <algorithm>
#include <map>

#include "daemon/pipeline/job_plan.h"

namespace vivid::daemon {

void observe_workers(const Parts& parts) {
  std::map<std::pair<std::string, std::string>, WorkerCount> counts;
  for (const WorkerSnapshot& worker : parts.workers->snapshot()) {
    const std::string state(to_text(worker.state));
    WorkerCount& count = counts[{worker.lane, state}];
    count.lane = worker.lane;
    count.state = state;
    ++count.workers;
    count.resident_bytes += worker.resident_bytes;
  }
  std::vector<WorkerCount> all;
  for (const auto& entry : counts) all.push_back(entry.second);
  parts.metrics->observe(all);
}

void observe_gpus(const Parts& parts) {
  std::vector<GpuObservation> all;
  for (const GpuSnapshot& gpu : parts.gpus->snapshot()) {
    GpuObservation seen;
    seen.uuid = gpu.uuid;
    seen.name = gpu.name;
    seen.sessions = gpu.sessions;
    seen.sessions_in_use = gpu.in_use;
    seen.put_aside = gpu.breaker != BreakerState::closed;
    seen.times_put_aside = gpu.times_opened;
    seen.sessions_granted = gpu.granted;
    seen.sessions_refused = gpu.taken;
    all.push_back(std::move(seen));
  }
  // The driver knows GPUs that encode nothing too.
  for (const render::GpuGauges& gpu : parts.gpu_gauges) {
    auto found = std::find_if(all.begin(), all.end(), [&](const auto& seen) { return seen.uuid == gpu.uuid; });
    if (found == all.end()) {
      found = all.insert(all.end(), GpuObservation{});
      found->uuid = gpu.uuid;
    }
    found->utilization = gpu.utilization;
    found->encoder_utilization = gpu.encoder_utilization;
    found->driver_sessions = static_cast<double>(gpu.encoder_sessions);
    found->memory_used_bytes = static_cast<double>(gpu.memory_used_bytes);
    found->memory_total_bytes = static_cast<double>(gpu.memory_total_bytes);
    found->temperature_celsius = gpu.temperature_celsius;
    found->throttled = gpu.throttled;
  }
  parts.metrics->observe(all);
}

void observe_queue(const Parts& parts) {
  if (!parts.counts) return;
  const WallTime now = parts.clock.now();
  QueueObservation seen;
  for (const auto& [state, count] : parts.counts->jobs) {
    seen.jobs_by_state.emplace_back(std::string(queue::to_text(state)), count);
  }
  const auto& paused = parts.paused_lanes;
  const bool all_paused = std::find(paused.begin(), paused.end(), "") != paused.end();
  for (const std::string& lane : all_lanes()) {
    QueueObservation::Lane row;
    row.lane = lane;
    row.capacity = parts.dispatcher->capacity_of(lane);
    row.paused = all_paused || std::find(paused.begin(), paused.end(), lane) != paused.end();
    for (const auto& count : parts.counts->lanes) {
      if (count.lane != lane) continue;
      row.ready = count.ready;
      row.delayed = count.delayed;
      row.in_progress = count.in_progress;
    }
    seen.lanes.push_back(std::move(row));
  }
  if (parts.counts->oldest_ready_since) seen.oldest_ready_age = now - *parts.counts->oldest_ready_since;
  seen.outbox_rows = parts.counts->outbox_rows;
  if (parts.counts->oldest_outbox_at) seen.oldest_outbox_age = now - *parts.counts->oldest_outbox_at;
  seen.suspended = parts.queue->suspended().has_value();
  parts.metrics->observe(seen);
}

}  // namespace vivid::daemon
