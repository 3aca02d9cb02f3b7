// Copies how things stand into the gauges.
//
// Threads: the loop's.
#pragma once

#include "daemon/vividd/parts.h"

namespace vivid::daemon {

void observe_workers(const Parts& parts);
void observe_gpus(const Parts& parts);
// From Parts::counts.
void observe_queue(const Parts& parts);

}  // namespace vivid::daemon
