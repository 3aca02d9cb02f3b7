// A row of content_requests as the request it stands for: brought into the form of a request message, and checked as
// one, so that the same mistake is told in the same words wherever it comes in.
//
// Threads: pure functions; a large script takes milliseconds, so not on the event loop.
// Errors: those of parse_request. What the platform leaves open (a grade, a preference) is never one: a sensible value
// stands in, with a warning.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "daemon/intake/request.h"
#include "sync/central/lease/claims.h"

namespace vivid::daemon {

inline constexpr int kGradeOfNobody = 10;  // neither the row nor its user says one

struct ReadRow {
  Result<Request> request;
  std::string message;                 // what was checked, for the record of a refusal
  std::string correlation_id;          // never empty
  std::optional<WallTime> created_at;  // by the database
};

ReadRow read_row(const sync::ClaimedRequest& claimed, const std::string& environment);

}  // namespace vivid::daemon
