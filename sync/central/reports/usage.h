// How many answers users and organizations were given, by month and modality.
//
// Documents: see usage.sql. Threads: one session, one thread. Errors: as document.h says.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

// Empty: all of them.
struct UsageQuestion {
  std::string month;  // "2026-11"
  std::string student_id;
  std::string organization_id;
  std::vector<std::string> by;  // of month, organization, student
  int limit = 100;
};
Result<std::string> read_usage(Session& session, const UsageQuestion& question);

}  // namespace vivid::sync
