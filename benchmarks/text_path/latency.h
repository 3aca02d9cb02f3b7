// How long one text request takes while others come at a steady pace: from its insertion to the commit of its answer.
#pragma once

#include <string>

#include "bench_database.h"

namespace vivid::bench {

struct Latency {
  int requests = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
};

// Inserts `per_second` requests a second for so long, one transaction each, with vividd running.
Latency measure_latency(Database& database, int per_second, double seconds, const std::string& prefix);

// Puts more work into the render lane than it can do meanwhile; returns once a video is being rendered.
void fill_render_lane(Database& database);
// Whether one still is.
bool render_lane_is_busy(Database& database);

}  // namespace vivid::bench
