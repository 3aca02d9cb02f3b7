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
