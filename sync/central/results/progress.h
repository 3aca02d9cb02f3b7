// How far running requests are, as students and support see it: latest value wins, losing one loses nothing.
//
// Threads: pure function over a session. Errors: as deliver().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

struct ProgressNote {
  std::string request_id;
  std::int64_t fence = 0;
  std::string stage;
  std::string status;  // of the request, a content_request_status
  int attempt = 0;
  WallTime stage_started;
  int percent = 0;  // of the whole request, 0 … 99
};

// Never backwards, and nothing for a request whose fence has moved on or that is final.
Status publish_progress(Session& session, const std::vector<ProgressNote>& notes);

}  // namespace vivid::sync
