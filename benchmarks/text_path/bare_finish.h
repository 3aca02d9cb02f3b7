// The least that any fenced queue must do: leases of two columns are finished, 500 by one statement.
#pragma once

#include "bench_database.h"

namespace vivid::bench {

// Finishes a second, one session.
double bare_finishes_per_second(Database& database, int count);

}  // namespace vivid::bench
