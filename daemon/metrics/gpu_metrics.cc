#include "daemon/metrics/gpu_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

namespace vivid::daemon {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Labels;

Family<Gauge>& gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

// What the driver does not say is not shown, and no longer shown when it stops saying it.
void set_or_remove(Family<Gauge>& family, const Labels& labels, double value) {
  Gauge& gauge = family.Add(labels);
  if (value < 0) {
    family.Remove(&gauge);
  } else {
    gauge.Set(value);
  }
}

void raise_to(Counter& counter, std::int64_t value) {
  const double more = static_cast<double>(value) - counter.Value();
  if (more > 0) counter.Increment(more);
}

}  // namespace

GpuMetrics::GpuMetrics(prometheus::Registry& registry)
    : sessions_(gauges(registry, "vividd_gpu_sessions", "Encoder sessions of a GPU that may be used; 0: no limit.")),
      in_use_(gauges(registry, "vividd_gpu_sessions_in_use", "Encoder sessions of a GPU that stages hold.")),
      put_aside_(gauges(registry, "vividd_gpu_put_aside", "1 while a GPU is left alone because work on it failed.")),
      times_put_aside_(counters(registry, "vividd_gpu_put_aside_total", "How often a GPU was put aside.")),
      granted_(counters(registry, "vividd_gpu_sessions_granted_total", "Stages that were given a GPU.")),
      refused_(counters(registry, "vividd_gpu_sessions_refused_total",
                        "Sessions that the driver refused although they were thought free.")),
      utilization_(gauges(registry, "vividd_gpu_utilization_ratio", "Share of time in which a GPU computed.")),
      encoder_utilization_(
          gauges(registry, "vividd_gpu_encoder_utilization_ratio", "Share of time in which a GPU's encoders worked.")),
      driver_sessions_(gauges(registry, "vividd_gpu_encoder_sessions",
                              "Encoder sessions that are open on a GPU, of whatever program, as its driver says.")),
      memory_(gauges(registry, "vividd_gpu_memory_bytes", "Memory of a GPU, by kind: used, total.")),
      temperature_(gauges(registry, "vividd_gpu_temperature_celsius", "Temperature of a GPU.")),
      throttled_(gauges(registry, "vividd_gpu_throttled", "1 while heat or power hold a GPU's clocks down.")) {}

void GpuMetrics::observe(const std::vector<GpuObservation>& gpus) {
  for (const GpuObservation& gpu : gpus) {
    const Labels labels{{"gpu", gpu.uuid}};
    if (!gpu.name.empty()) {
      sessions_.Add(labels).Set(static_cast<double>(gpu.sessions));
      in_use_.Add(labels).Set(static_cast<double>(gpu.sessions_in_use));
      put_aside_.Add(labels).Set(gpu.put_aside ? 1 : 0);
      raise_to(times_put_aside_.Add(labels), gpu.times_put_aside);
      raise_to(granted_.Add(labels), gpu.sessions_granted);
      raise_to(refused_.Add(labels), gpu.sessions_refused);
    }
    set_or_remove(utilization_, labels, gpu.utilization);
    set_or_remove(encoder_utilization_, labels, gpu.encoder_utilization);
    set_or_remove(driver_sessions_, labels, gpu.driver_sessions);
    set_or_remove(memory_, {{"gpu", gpu.uuid}, {"kind", "used"}}, gpu.memory_used_bytes);
    set_or_remove(memory_, {{"gpu", gpu.uuid}, {"kind", "total"}}, gpu.memory_total_bytes);
    set_or_remove(temperature_, labels, gpu.temperature_celsius);
    set_or_remove(throttled_, labels, gpu.throttled);
  }
}

}  // namespace vivid::daemon
