// The past of the platform: requests that were answered long ago, with what belongs to them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench_database.h"

namespace vivid::bench {

// Adds finished requests from number `from` up to `to`: each with its lease, its content, three stages, an event, a
// cost and a use. Set-based, without triggers; for many, without secondary indexes, which are built afterwards.
void seed_finished(Database& database, std::int64_t from, std::int64_t to);

// Text requests as the platform makes them, in one transaction. Gives when they could be seen, in seconds of the epoch.
double insert_pending(Database& database, int count, const std::string& prefix);

}  // namespace vivid::bench
