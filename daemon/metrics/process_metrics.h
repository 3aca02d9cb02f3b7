// The process's own figures under the names that every Prometheus client library uses (process_*).
//
// Threads: safe from any thread; reads /proc. Errors: a figure that cannot be read is left out.
#pragma once

#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace vivid::daemon {

std::vector<prometheus::MetricFamily> process_metrics();

}  // namespace vivid::daemon
