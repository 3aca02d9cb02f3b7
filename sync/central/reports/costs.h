// What requests cost, from the entries that daemons write.
//
// Documents: see cost_report.sql and cost_history.sql. Threads: one session, one thread. Errors: as document.h says.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

// Dates are "2026-11-20", UTC, both included; `by` is of day, organization, modality.
struct CostQuestion {
  std::string from;
  std::string to;
  std::vector<std::string> by;
};
Result<std::string> cost_report(Session& session, const CostQuestion& question);

// What a request of each kind cost on average in the last `days`.
Result<std::string> cost_history(Session& session, int days);

}  // namespace vivid::sync
