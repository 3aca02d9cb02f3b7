#include "daemon/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "daemon/metrics/gpu_metrics.h"
#include "daemon/metrics/label_sets.h"
#include "daemon/metrics/process_metrics.h"

namespace vivid::daemon {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;
using Buckets = Histogram::BucketBoundaries;

// Stages take milliseconds (validation) to their limit of ten minutes.
const Buckets& long_buckets() {
  static const Buckets kBuckets{0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 20, 45, 90, 180, 300, 600, 1200};
  return kBuckets;
}
// Waits grow with the backlog, to hours.
const Buckets& wait_buckets() {
  static const Buckets kBuckets{0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14'400};
  return kBuckets;
}
// The aim is a quarter of a second; an outage makes it hours.
const Buckets& latency_buckets() {
  static const Buckets kBuckets{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 8, 16, 60, 190, 3600};
  return kBuckets;
}
const Buckets& call_buckets() {
  static const Buckets kBuckets{0.0001, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60};
  return kBuckets;
}

Family<Counter>& counters(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Family<Gauge>& gauges(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Family<Histogram>& histograms(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}
Counter& counter(Registry& registry, const char* name, const char* help) {
  return counters(registry, name, help).Add({});
}
Gauge& gauge(Registry& registry, const char* name, const char* help) { return gauges(registry, name, help).Add({}); }

// A count kept elsewhere, shown as a counter: raised to what was observed.
void raise_to(Counter& counter, std::int64_t value) {
  counter.Increment(std::max(0.0, static_cast<double>(value) - counter.Value()));
}

}  // namespace

struct Metrics::Instruments {
  Registry registry;
  std::mutex observing;  // one observe() at a time, so that no half of two is shown

  Family<Counter>& attempts =
      counters(registry, "vividd_stage_attempts_total", "Attempts at a stage that were started.");
  Family<Histogram>& wait = histograms(registry, "vividd_stage_wait_seconds",
                                       "Time from when a stage could have run until an attempt started.");
  Family<Histogram>& duration =
      histograms(registry, "vividd_stage_duration_seconds", "Duration of attempts at a stage, by how they ended.");
  Family<Counter>& failures =
      counters(registry, "vividd_stage_failures_total", "Attempts at a stage that failed, by reason.");
  Family<Counter>& timeouts =
      counters(registry, "vividd_stage_timeouts_total", "Attempts at a stage ended by a time limit, by limit.");
  Family<Counter>& jobs_finished = counters(registry, "vividd_jobs_finished_total", "Jobs that reached a final state.");
  Family<Histogram>& job_duration =
      histograms(registry, "vividd_job_duration_seconds", "Time from accepting a job to its final state.");
  Family<Counter>& submissions =
      counters(registry, "vividd_submissions_total", "Requests that came in, by path and what became of them.");
  Family<Counter>& text_requests =
      counters(registry, "vividd_text_requests_total", "Text-only requests answered without the queue.");
  Histogram& text_duration = histograms(registry, "vividd_text_duration_seconds", "Time to answer a text-only request.")
                                 .Add({}, call_buckets());
  Counter& text_saved = counter(registry, "vividd_text_saved_usd_total",
                                "US dollars saved by answering text-only requests without rendering a video.");

  Family<Histogram>& text_latency =
      histograms(registry, "vividd_central_text_latency_seconds",
                 "Time from creating a text-only request in the central database to its end there.");

  Family<Counter>& renders = counters(registry, "vividd_renders_total", "Videos encoded, by encoder.");
  Family<Counter>& fallbacks =
      counters(registry, "vividd_encoder_fallbacks_total",
               "Videos encoded with another encoder than the one first wanted, by kind of reason.");
  Family<Counter>& hold_problems =
      counters(registry, "vividd_hold_problems_total",
               "Videos of which every frame was encoded although some repeat the one before, by kind of reason.");
  Counter& frames = counter(registry, "vividd_frames_rendered_total", "Video frames encoded.");
  Counter& media_seconds =
      counter(registry, "vividd_media_seconds_rendered_total", "Length of the videos encoded, in seconds.");
  Counter& uploaded_files = counter(registry, "vividd_uploaded_files_total", "Files put into the object store.");
  Counter& uploaded_bytes = counter(registry, "vividd_uploaded_bytes_total", "Bytes put into the object store.");

  Family<Counter>& cache_lookups = counters(registry, "vividd_span_cache_lookups_total",
                                            "Spans and sound looked for among what was encoded before, by outcome.");
  Family<Counter>& cache_bytes =
      counters(registry, "vividd_span_cache_bytes_total", "Bytes taken from and put into the span cache.");
  Counter& cache_evictions =
      counter(registry, "vividd_span_cache_evictions_total", "Entries that had to go for new ones.");
  Counter& cache_corrupt = counter(registry, "vividd_span_cache_corrupt_total",
                                   "Entries that did not match their checksum, and were removed.");
  Counter& cache_refused =
      counter(registry, "vividd_span_cache_refused_total", "What could not be kept: disk full, or over the limit.");

  Family<Counter>& worker_exits =
      counters(registry, "vividd_worker_exits_total", "Worker processes that ended, by reason.");
  Family<Counter>& control_requests =
      counters(registry, "vividd_control_requests_total", "Requests on the control socket, by method and outcome.");
  Family<Histogram>& control_duration =
      histograms(registry, "vividd_control_request_duration_seconds",
                 "Time to answer a request on the control socket, waits that were asked for included.");

  Family<Gauge>& jobs = gauges(registry, "vividd_jobs", "Jobs in the queue's file, by state.");
  Family<Gauge>& lane_stages = gauges(registry, "vividd_lane_stages", "Unfinished stages of a lane, by state.");
  Family<Gauge>& lane_capacity = gauges(registry, "vividd_lane_capacity", "Stages of a lane that may run at once.");
  Family<Gauge>& lane_paused = gauges(registry, "vividd_lane_paused", "1 while a lane is paused.");
  Gauge& oldest_ready = gauge(registry, "vividd_oldest_ready_job_age_seconds",
                              "Age of the oldest stage that could run but does not; 0 if none waits.");
  Gauge& outbox_rows = gauge(registry, "vividd_outbox_rows", "Messages not yet delivered.");
  Gauge& outbox_age = gauge(registry, "vividd_outbox_oldest_age_seconds",
                            "Age of the oldest message not yet delivered; 0 if there is none.");
  Gauge& suspended = gauge(registry, "vividd_queue_suspended", "1 while the queue cannot write to its disk.");
  Family<Gauge>& workers = gauges(registry, "vividd_workers", "Worker processes, by lane and state.");
  Family<Gauge>& worker_bytes =
      gauges(registry, "vividd_workers_resident_bytes", "Resident memory of the worker processes, by lane and state.");
  Gauge& admission = gauge(registry, "vividd_admission_open", "1 while new jobs are taken.");
  Gauge& disk_free = gauge(registry, "vividd_disk_free_bytes", "Bytes free on the disk of the spool.");
  Gauge& connections = gauge(registry, "vividd_control_connections", "Open connections on the control socket.");
  Counter& refused = counter(registry, "vividd_control_connections_refused_total",
                             "Connections on the control socket refused for their number.");
  Counter& too_slow = counter(registry, "vividd_control_clients_too_slow_total",
                              "Connections on the control socket ended because nobody read the answers.");
  Counter& dropped = counter(registry, "vividd_control_notifications_dropped_total",
                             "Notifications dropped because a client read too slowly.");
  Counter& log_dropped =
      counter(registry, "vividd_job_log_lines_dropped_total", "Lines missing from the logs of single jobs.");
  Family<Gauge>& encoder_available =
      gauges(registry, "vividd_encoder_available", "1 if a session of the encoder can be opened.");
  Family<Gauge>& encoder_in_use =
      gauges(registry, "vividd_encoder_in_use", "1 for the encoder that made the last video.");

  GpuMetrics gpus{registry};

  Family<Gauge>& central_connected =
      gauges(registry, "vividd_central_connected", "1 while the central database is connected.");
  Family<Counter>& central_claims =
      counters(registry, "vividd_central_claims_total", "Media requests claimed from the central database.");
  Family<Counter>& central_reclaims =
      counters(registry, "vividd_central_reclaims_total", "Media requests taken over from hosts whose lease lapsed.");
  Family<Counter>& central_lost =
      counters(registry, "vividd_central_leases_lost_total", "Leases lost to another host or an end elsewhere.");
  Family<Gauge>& central_held = gauges(registry, "vividd_central_leases_held", "Requests this host answers for.");
  Family<Counter>& central_deliveries =
      counters(registry, "vividd_central_deliveries_total", "Messages answered by the central database, by verdict.");
  Family<Gauge>& central_undelivered =
      gauges(registry, "vividd_central_undelivered", "Messages not yet answered by the central database.");
  Family<Gauge>& central_oldest = gauges(registry, "vividd_central_oldest_undelivered_seconds",
                                         "Age of the oldest message not yet answered; 0 if there is none.");
  Family<Gauge>& central_quarantined =
      gauges(registry, "vividd_central_quarantined", "Messages whose data the central database refuses.");

  void start_series();
};

// Series that alerts are written against exist from the start, at 0, so that the first event is seen as a rise.
void Metrics::Instruments::start_series() {
  gauges(registry, "vividd_build_info", "Always 1; the labels say what runs.").Add({{"version", VIVID_VERSION}}).Set(1);
  for (const auto state : labels::job_states()) jobs.Add({{"state", std::string(state)}});
  for (const auto reason : labels::worker_exits()) worker_exits.Add({{"reason", std::string(reason)}});
  for (const auto kind : labels::hold_problem_kinds()) hold_problems.Add({{"reason", std::string(kind)}});
  for (const auto stage : labels::stages()) {
    for (const auto limit : labels::timeouts()) {
      timeouts.Add({{"stage", std::string(stage)}, {"limit", std::string(limit)}});
    }
  }
  for (const auto job_class : labels::job_classes()) {
    if (job_class == "text") continue;  // counted by vividd_text_requests_total
    for (const auto state : labels::final_states()) {
      jobs_finished.Add({{"class", std::string(job_class)}, {"state", std::string(state)}});
    }
  }
}

Metrics::Metrics() : instruments_(std::make_unique<Instruments>()) { instruments_->start_series(); }
Metrics::~Metrics() = default;

// --- Stages and jobs -------------------------------------------------------------------------------------------------

void Metrics::stage_started(std::string_view stage, Seconds waited) {
  const std::string name = labels::bounded(stage, labels::stages());
  instruments_->attempts.Add({{"stage", name}}).Increment();
  instruments_->wait.Add({{"stage", name}}, wait_buckets()).Observe(std::max(0.0, waited.count()));
}

void Metrics::stage_ended(std::string_view stage, std::string_view outcome, Seconds took) {
  instruments_->duration
      .Add({{"stage", labels::bounded(stage, labels::stages())}, {"outcome", std::string(outcome)}}, long_buckets())
      .Observe(std::max(0.0, took.count()));
}

void Metrics::stage_completed(std::string_view stage, Seconds took) { stage_ended(stage, "completed", took); }
void Metrics::stage_released(std::string_view stage, Seconds took) { stage_ended(stage, "released", took); }

void Metrics::stage_failed(std::string_view stage, ErrorCode reason, Seconds took) {
  stage_ended(stage, reason == ErrorCode::cancelled ? "cancelled" : "failed", took);
  const std::string name = labels::bounded(stage, labels::stages());
  const std::string code(to_text(reason));
  instruments_->failures.Add({{"stage", name}, {"reason", code}}).Increment();
  if (labels::bounded(code, labels::timeouts()) == code) {
    instruments_->timeouts.Add({{"stage", name}, {"limit", code}}).Increment();
  }
}

void Metrics::job_finished(std::string_view job_class, std::string_view state, Seconds took) {
  const std::string name = labels::bounded(job_class, labels::job_classes());
  const std::string end = labels::bounded(state, labels::final_states());
  instruments_->jobs_finished.Add({{"class", name}, {"state", end}}).Increment();
  instruments_->job_duration.Add({{"class", name}, {"state", end}}, long_buckets())
      .Observe(std::max(0.0, took.count()));
}

void Metrics::submission(std::string_view path, std::string_view outcome) {
  instruments_->submissions
      .Add({{"path", labels::bounded(path, labels::submission_paths())},
            {"outcome", labels::bounded_code(outcome, {"created", "duplicate"})}})
      .Increment();
}

void Metrics::text_request(std::string_view state, Seconds took, double saved_usd) {
  instruments_->text_requests.Add({{"state", labels::bounded(state, labels::final_states())}}).Increment();
  instruments_->text_duration.Observe(std::max(0.0, took.count()));
  instruments_->text_saved.Increment(std::max(0.0, saved_usd));
}

void Metrics::central_text(std::string_view state, Seconds latency, double saved_usd) {
  instruments_->text_requests.Add({{"state", labels::bounded(state, labels::final_states())}}).Increment();
  instruments_->text_latency.Add({}, latency_buckets()).Observe(std::max(0.0, latency.count()));
  instruments_->text_saved.Increment(std::max(0.0, saved_usd));
}

// --- Rendering and uploads -------------------------------------------------------------------------------------------

void Metrics::rendered(std::string_view encoder, std::string_view fallback_reason, std::int64_t frames, Seconds media) {
  instruments_->renders.Add({{"encoder", labels::bounded(encoder, labels::encoders())}}).Increment();
  {
    const std::lock_guard lock(instruments_->observing);
    for (const auto known : labels::encoders()) {
      instruments_->encoder_in_use.Add({{"encoder", std::string(known)}}).Set(known == encoder ? 1 : 0);
    }
  }
  if (!fallback_reason.empty()) {
    instruments_->fallbacks.Add({{"reason", std::string(labels::fallback_kind(fallback_reason))}}).Increment();
  }
  instruments_->frames.Increment(static_cast<double>(std::max<std::int64_t>(0, frames)));
  instruments_->media_seconds.Increment(std::max(0.0, media.count()));
}

void Metrics::not_held(std::string_view problem) {
  instruments_->hold_problems.Add({{"reason", std::string(labels::hold_problem_kind(problem))}}).Increment();
}

void Metrics::uploaded(std::uint64_t files, std::uint64_t bytes) {
  instruments_->uploaded_files.Increment(static_cast<double>(files));
  instruments_->uploaded_bytes.Increment(static_cast<double>(bytes));
}

void Metrics::reused(const render::ReuseCounts& counts) {
  const auto increase = [](Counter& by, std::int64_t count) {
    by.Increment(static_cast<double>(std::max<std::int64_t>(0, count)));
  };
  increase(instruments_->cache_lookups.Add({{"outcome", "hit"}}), counts.hits);
  increase(instruments_->cache_lookups.Add({{"outcome", "miss"}}), counts.misses);
  increase(instruments_->cache_bytes.Add({{"direction", "read"}}), counts.bytes_read);
  increase(instruments_->cache_bytes.Add({{"direction", "written"}}), counts.bytes_written);
  increase(instruments_->cache_evictions, counts.evicted);
  increase(instruments_->cache_corrupt, counts.corrupt);
  increase(instruments_->cache_refused, counts.refused);
}

// --- Workers, control, host ------------------------------------------------------------------------------------------

void Metrics::worker_exited(std::string_view reason) {
  instruments_->worker_exits.Add({{"reason", labels::bounded(reason, labels::worker_exits())}}).Increment();
}

void Metrics::control_request(std::string_view method, std::string_view outcome, Seconds took) {
  const std::string name = labels::bounded(method, labels::methods());
  instruments_->control_requests
      .Add({{"method", name},
            {"outcome", labels::bounded_code(outcome, {"ok", "parse_error", "invalid_request", "method_not_found"})}})
      .Increment();
  instruments_->control_duration.Add({{"method", name}}, call_buckets()).Observe(std::max(0.0, took.count()));
}

void Metrics::observe(const QueueObservation& queue) {
  const std::lock_guard lock(instruments_->observing);
  for (const auto state : labels::job_states()) {
    const auto found = std::find_if(queue.jobs_by_state.begin(), queue.jobs_by_state.end(),
                                    [&](const auto& entry) { return entry.first == state; });
    const std::int64_t jobs = found == queue.jobs_by_state.end() ? 0 : found->second;
    instruments_->jobs.Add({{"state", std::string(state)}}).Set(static_cast<double>(jobs));
  }
  for (const auto& lane : queue.lanes) {
    const std::string name = labels::bounded(lane.lane, labels::lanes());
    const auto set = [&](const char* state, std::int64_t value) {
      instruments_->lane_stages.Add({{"lane", name}, {"state", state}}).Set(static_cast<double>(value));
    };
    set("ready", lane.ready);
    set("delayed", lane.delayed);
    set("in_progress", lane.in_progress);
    instruments_->lane_capacity.Add({{"lane", name}}).Set(static_cast<double>(lane.capacity));
    instruments_->lane_paused.Add({{"lane", name}}).Set(lane.paused ? 1 : 0);
  }
  instruments_->oldest_ready.Set(std::max(0.0, queue.oldest_ready_age.count()));
  instruments_->outbox_rows.Set(static_cast<double>(queue.outbox_rows));
  instruments_->outbox_age.Set(std::max(0.0, queue.oldest_outbox_age.count()));
  instruments_->suspended.Set(queue.suspended ? 1 : 0);
}

void Metrics::observe(const std::vector<WorkerCount>& workers) {
  const std::lock_guard lock(instruments_->observing);
  std::map<std::pair<std::string, std::string>, std::pair<double, double>> sums;
  for (const auto lane : labels::lanes()) {
    if (lane == "net" || lane == "intake") continue;  // run in the daemon
    for (const auto state : labels::worker_states()) sums[{std::string(lane), std::string(state)}] = {};
  }
  for (const auto& worker : workers) {
    auto& [count, bytes] =
        sums[{labels::bounded(worker.lane, labels::lanes()), labels::bounded(worker.state, labels::worker_states())}];
    count += static_cast<double>(worker.workers);
    bytes += static_cast<double>(worker.resident_bytes);
  }
  for (const auto& [key, sum] : sums) {
    instruments_->workers.Add({{"lane", key.first}, {"state", key.second}}).Set(sum.first);
    instruments_->worker_bytes.Add({{"lane", key.first}, {"state", key.second}}).Set(sum.second);
  }
}

void Metrics::observe(const std::vector<GpuObservation>& gpus) {
  const std::lock_guard lock(instruments_->observing);
  instruments_->gpus.observe(gpus);
}

void Metrics::observe(const CentralObservation& central) {
  const std::lock_guard lock(instruments_->observing);
  Instruments& all = *instruments_;
  all.central_connected.Add({}).Set(central.connected ? 1 : 0);
  raise_to(all.central_claims.Add({}), central.claims);
  raise_to(all.central_reclaims.Add({}), central.reclaims);
  raise_to(all.central_lost.Add({}), central.leases_lost);
  all.central_held.Add({}).Set(static_cast<double>(central.leases_held));
  for (const auto& [verdict, count] : central.deliveries) {
    raise_to(all.central_deliveries.Add({{"verdict", labels::bounded(verdict, labels::verdicts())}}), count);
  }
  all.central_undelivered.Add({}).Set(static_cast<double>(central.undelivered));
  all.central_oldest.Add({}).Set(std::max(0.0, central.oldest_undelivered.count()));
  all.central_quarantined.Add({}).Set(static_cast<double>(central.quarantined));
}

void Metrics::observe_admission(bool open, std::uint64_t disk_free_bytes) {
  instruments_->admission.Set(open ? 1 : 0);
  instruments_->disk_free.Set(static_cast<double>(disk_free_bytes));
}

void Metrics::observe_control(std::int64_t connections, std::int64_t refused, std::int64_t too_slow,
                              std::int64_t dropped) {
  const std::lock_guard lock(instruments_->observing);
  instruments_->connections.Set(static_cast<double>(connections));
  raise_to(instruments_->refused, refused);
  raise_to(instruments_->too_slow, too_slow);
  raise_to(instruments_->dropped, dropped);
}

void Metrics::observe_log(std::int64_t job_lines_dropped) {
  const std::lock_guard lock(instruments_->observing);
  raise_to(instruments_->log_dropped, job_lines_dropped);
}

void Metrics::observe_encoders(const std::vector<std::string>& encoders) {
  const std::lock_guard lock(instruments_->observing);
  for (const auto known : labels::encoders()) {
    const bool available = std::find(encoders.begin(), encoders.end(), known) != encoders.end();
    instruments_->encoder_available.Add({{"encoder", std::string(known)}}).Set(available ? 1 : 0);
  }
}

std::string Metrics::expose() const {
  std::vector<prometheus::MetricFamily> families = instruments_->registry.Collect();
  // A family without series would be announced and never shown.
  std::erase_if(families, [](const prometheus::MetricFamily& family) { return family.metric.empty(); });
  for (auto& family : process_metrics()) families.push_back(std::move(family));
  std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace vivid::daemon
