// What an operator watches, as Prometheus metrics: base units, counters end in _total, and every label value comes from
// a fixed set (anything else is counted as "other"), so that no input can grow the number of series.
//
// Threads: all methods are safe from any thread. Counters are counted as things happen; gauges show the last observe().
// Errors: none. Units: seconds, bytes, dollars.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {

using Seconds = std::chrono::duration<double>;

// How the queue stands now.
struct QueueObservation {
  std::vector<std::pair<std::string, std::int64_t>> jobs_by_state;  // states that are missing are 0
  struct Lane {
    std::string lane;
    std::int64_t capacity = 0;
    std::int64_t ready = 0;
    std::int64_t delayed = 0;
    std::int64_t in_progress = 0;
    bool paused = false;
  };
  std::vector<Lane> lanes;
  Seconds oldest_ready_age{0};
  std::int64_t outbox_rows = 0;
  Seconds oldest_outbox_age{0};
  bool suspended = false;
};

// How it stands with the central database. Counts are since the start.
struct CentralObservation {
  bool connected = false;
  std::int64_t claims = 0;
  std::int64_t reclaims = 0;
  std::int64_t leases_lost = 0;
  std::int64_t leases_held = 0;
  std::vector<std::pair<std::string, std::int64_t>> deliveries;  // by verdict
  std::int64_t undelivered = 0;
  Seconds oldest_undelivered{0};
  std::int64_t quarantined = 0;
};

struct WorkerCount {
  std::string lane;
  std::string state;  // starting, idle, busy, stopping
  std::int64_t workers = 0;
  std::uint64_t resident_bytes = 0;
};

// One GPU. Below zero: its driver does not say.
struct GpuObservation {
  std::string uuid;
  std::string name;  // empty: it does not encode
  std::int64_t sessions = 0;
  std::int64_t sessions_in_use = 0;
  bool put_aside = false;
  std::int64_t times_put_aside = 0;
  std::int64_t sessions_granted = 0;
  std::int64_t sessions_refused = 0;
  double utilization = -1;
  double encoder_utilization = -1;
  double driver_sessions = -1;
  double memory_used_bytes = -1;
  double memory_total_bytes = -1;
  double temperature_celsius = -1;
  double throttled = -1;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // --- Stages and jobs -----------------------------------------------------------------------------------------------

  // A stage was claimed after waiting this long since it was ready.
  void stage_started(std::string_view stage, Seconds waited);
  // An attempt ended well. `outcome` of the duration is "completed".
  void stage_completed(std::string_view stage, Seconds took);
  // An attempt ended with an error: counted by its code, and once more as a timeout if it is start_to_close, silence or
  // overall_deadline.
  void stage_failed(std::string_view stage, ErrorCode reason, Seconds took);
  // An attempt was given back uncounted (snoozed, drained).
  void stage_released(std::string_view stage, Seconds took);
  // `job_class`: video, audio, images, text, rejected. `state`: a final state of a job. `took`: since it was accepted.
  void job_finished(std::string_view job_class, std::string_view state, Seconds took);
  // `path`: text, media. `outcome`: created, duplicate, or a code of base/error.h.
  void submission(std::string_view path, std::string_view outcome);
  void text_request(std::string_view state, Seconds took, double saved_usd);
  // One claimed from the central database; `latency` since it was created there.
  void central_text(std::string_view state, Seconds latency, double saved_usd);

  // --- Rendering and uploads -----------------------------------------------------------------------------------------

  // `fallback_reason` is free text; it is counted by kind.
  void rendered(std::string_view encoder, std::string_view fallback_reason, std::int64_t frames, Seconds media);
  // Every frame of a video was encoded, also those that only repeat the one before; `problem` says why, and is counted
  // by kind.
  void not_held(std::string_view problem);
  void uploaded(std::uint64_t files, std::uint64_t bytes);
  // What a stage took from earlier encodings.
  void reused(const render::ReuseCounts& counts);

  // --- Workers, control, host ----------------------------------------------------------------------------------------

  // `reason`: recycled_jobs, recycled_memory, recycled_age, idle, shutdown, exited, signal, start_to_close, silence,
  // overall_deadline, cancelled, protocol, start_failed.
  void worker_exited(std::string_view reason);
  void control_request(std::string_view method, std::string_view outcome, Seconds took);

  void observe(const QueueObservation& queue);
  void observe(const std::vector<WorkerCount>& workers);
  void observe(const std::vector<GpuObservation>& gpus);
  // Not called: no series of the central database are shown.
  void observe(const CentralObservation& central);
  void observe_admission(bool open, std::uint64_t disk_free_bytes);
  void observe_control(std::int64_t connections, std::int64_t refused, std::int64_t too_slow, std::int64_t dropped);
  void observe_log(std::int64_t job_lines_dropped);
  // Those a worker could open a session for.
  void observe_encoders(const std::vector<std::string>& encoders);

  // Everything in the Prometheus text format, the process's own figures (CPU, memory, descriptors) among it.
  std::string expose() const;

 private:
  struct Instruments;
  void stage_ended(std::string_view stage, std::string_view outcome, Seconds took);
  std::unique_ptr<Instruments> instruments_;
};

}  // namespace vivid::daemon
