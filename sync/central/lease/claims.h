// Takes requests from the central database under a lease with a fence, and gives back those that it cannot work on.
//
// Every claim takes a new, higher fence: whoever held the request before can no longer write. Only the server's clock
// counts.
//
// Threads: pure functions over a session; one session, one thread.
// Errors: unavailable without a connection or within the statement's time limit; else as to_error says. A claim whose
// answer is lost has happened all the same: Leases::renew gives such requests back.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

// This daemon, as the central database knows it.
struct NodeIdentity {
  std::string node_id;  // configured, unique in the fleet
  std::string host;     // for people
  std::string boot_id;  // of the kernel, a UUID
  int pid = 0;
  std::string version;
  // When the process started, in clock ticks since boot: in containers every life has the same pid.
  std::int64_t start_ticks = 0;
};

// text: requests for text alone, answered by the text path; media: all others.
enum class RequestPath { text, media };
std::string_view to_text(RequestPath path);

struct ClaimOptions {
  RequestPath path = RequestPath::media;
  std::string environment = "dev";  // requests that name another one are left alone
  int limit = 1;
  std::chrono::seconds lease{60};
  int max_crashes = 3;  // the lapse that reaches it buries the request
};

struct ClaimedRequest {
  std::string id;  // canonical UUID text
  std::int64_t fence = 0;
  int crashes = 0;
  // JSON object: the columns of content_requests by their names, request_metadata as an object, "user": {grade_level,
  // accessibility_settings, language_preference, content_modality_preferences}.
  std::string row;
};

// Up to `limit` pending requests, best rank first (created_at less a minute a priority). One over which a host was lost
// comes alone.
Result<std::vector<ClaimedRequest>> claim(Session& session, const NodeIdentity& node, const ClaimOptions& options);

// A request whose lease has lapsed, once the server has been taking renewals for a whole lease period. Only one at a
// time, so that a request which ends its hosts takes no other with it. Up to `limit` that have crashed their hosts too
// often are buried and counted in `buried`.
struct Reclaimed {
  std::optional<ClaimedRequest> request;
  int buried = 0;
};
Result<Reclaimed> reclaim(Session& session, const NodeIdentity& node, const ClaimOptions& options);

// Given back: pending again, not before `retry_after` has passed. A fence that is no longer the live one changes
// nothing.
struct Release {
  std::string id;
  std::int64_t fence = 0;
  std::chrono::milliseconds retry_after{0};
  std::string reason;
};
Status release(Session& session, const NodeIdentity& node, const std::vector<Release>& releases);

}  // namespace vivid::sync
