// The GPUs' series. For the .cc files of this folder: it includes prometheus.
//
// Threads: as whoever holds the lock of Metrics. Bounds: the series of as many GPUs as the host has.
#pragma once

#include <prometheus/registry.h>

#include <vector>

#include "daemon/metrics/metrics.h"

namespace vivid::daemon {

class GpuMetrics {
 public:
  explicit GpuMetrics(prometheus::Registry& registry);
  void observe(const std::vector<GpuObservation>& gpus);

 private:
  using Gauges = prometheus::Family<prometheus::Gauge>;
  using Counters = prometheus::Family<prometheus::Counter>;
  Gauges& sessions_;
  Gauges& in_use_;
  Gauges& put_aside_;
  Counters& times_put_aside_;
  Counters& granted_;
  Counters& refused_;
  Gauges& utilization_;
  Gauges& encoder_utilization_;
  Gauges& driver_sessions_;
  Gauges& memory_;
  Gauges& temperature_;
  Gauges& throttled_;
};

}  // namespace vivid::daemon
