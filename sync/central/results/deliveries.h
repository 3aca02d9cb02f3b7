// Brings what happened to requests into the central database: exactly once in effect, however often it is sent.
//
// Each delivery is applied only under the live fence of its request, and remembered; one sent again is a duplicate.
// Kinds and the form of their bodies:
//   accepted  {"stages": [{"name", "order", "status", "max_retries"}], "at_us"}
//   attempt   {"attempt", "error_code", "error_message", "started_at_us", "finished_at_us", "retry_at_us"}
//   stage     {"status", "attempt", "started_at_us", "finished_at_us", "output", "error_code", "error_message",
//              "request_status"}
//   final     {"status", "at_us", "error", "content", "stages", "costs", "usage"}; see final.sql and content.sql
//
// Threads: pure functions over a session; one session, one thread.
// Errors: unavailable and the like: nothing is known of any row, send them all again. A row whose data the database
// refuses (SQLSTATE class 22 or 23) is found by halving and answered `quarantined`; it never holds up the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sync/central/lease/claims.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

// applied: done now. duplicate: done before. stale: the fence is no longer the live one, or the request was final
// already. unknown: the database has no such request. quarantined: its data are refused.
enum class Verdict { applied, duplicate, stale, unknown, quarantined };
std::string_view to_text(Verdict verdict);

inline constexpr std::size_t kMaxDeliveryRows = 500;
inline constexpr std::size_t kMaxDeliveryBytes = 1024 * 1024;  // of bodies; a longer one goes alone

struct Delivery {
  std::int64_t seq = 0;  // of the outbox; names the delivery in its verdict
  std::string request_id;
  std::int64_t fence = 0;
  std::string kind;
  std::string stage;  // empty for kinds that are not about a stage
  int attempt = 0;
  std::string body;  // JSON
};

struct Settled {
  std::int64_t seq = 0;
  Verdict verdict = Verdict::applied;
  std::string error;  // of a quarantined one
};

// In the order given; one verdict for each.
Result<std::vector<Settled>> deliver(Session& session, const NodeIdentity& node,
                                     const std::vector<Delivery>& deliveries);

// A host that was away for longer and delivers again what it delivered before is told that it is stale.
inline constexpr int kDaysRemembered = 90;

// Forgets deliveries that were applied before that; how many, at most `limit`.
Result<int> prune_deliveries(Session& session, int limit);

}  // namespace vivid::sync
