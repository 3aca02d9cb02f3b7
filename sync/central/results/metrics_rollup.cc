#include "sync/central/results/metrics_rollup.h"

#include <string>

#include "base/json_text.h"
#include "sync/central/results/sql.h"

namespace vivid::sync {
namespace {

// "vividd metrics" in bytes: one rollup at a time in the whole fleet. Nobody waits for it: what one host has not taken
// it takes the next time, or another does.
constexpr const char* kLock = "SELECT pg_try_advisory_xact_lock(8532473206311940979)";

std::string as_json(const std::vector<SqlRow>& pairs) {
  std::string json = "[";
  for (const SqlRow& pair : pairs) {
    json += json.size() > 1 ? ",{\"time_bucket\":" : "{\"time_bucket\":";
    append_json_string(json, pair[0].value_or(""));
    if (pair[1]) {
      json += ",\"organization_id\":";
      append_json_string(json, *pair[1]);
    }
    json += "}";
  }
  return json + "]";
}

SqlResult<int> roll_up(Session& session, int limit) {
  SqlResult<Transaction> transaction = Transaction::begin(session);
  if (!transaction) return tl::make_unexpected(transaction.error());
  const auto locked = session.run(kLock);
  if (!locked) return tl::make_unexpected(locked.error());
  if ((*locked)[0][0] != "t") return 0;
  const auto taken = session.run(std::string(sql::kMetricsTake), {std::to_string(limit)});
  if (!taken) return tl::make_unexpected(taken.error());
  if (!taken->empty()) {
    const auto recomputed = session.run(std::string(sql::kMetricsRecompute), {as_json(*taken)});
    if (!recomputed) return tl::make_unexpected(recomputed.error());
  }
  if (const auto committed = transaction->commit(); !committed) return tl::make_unexpected(committed.error());
  return static_cast<int>(taken->size());
}

}  // namespace

Result<int> roll_up_metrics(Session& session, int limit) {
  const SqlResult<int> rolled_up = roll_up(session, limit);
  if (!rolled_up) return tl::make_unexpected(to_error(rolled_up.error(), "cannot recompute request_metrics"));
  return *rolled_up;
}

}  // namespace vivid::sync
