#include "sync/central/results/verdicts.h"

#include <set>
#include <tuple>

namespace vivid::sync {
namespace {

bool is_final_status(std::string_view status) {
  return status == "completed" || status == "failed" || status == "cancelled";
}

using Key = std::tuple<std::string_view, std::int64_t, std::string_view, std::string_view, int>;

Key key_of(const Examined& row) {
  const Delivery& delivery = *row.delivery;
  return {row.request_id, delivery.fence, delivery.kind, delivery.stage, delivery.attempt};
}

}  // namespace

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::applied:
      return "applied";
    case Verdict::duplicate:
      return "duplicate";
    case Verdict::stale:
      return "stale";
    case Verdict::unknown:
      return "unknown";
    case Verdict::quarantined:
      return "quarantined";
  }
  return "";
}

std::vector<Judged> judge(const std::vector<Examined>& batch, const std::vector<bool>& seen,
                          const std::unordered_map<std::string, LeaseState>& leases) {
  std::vector<Judged> judged;
  judged.reserve(batch.size());
  std::set<Key> applied;
  std::set<std::string_view> over;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Examined& row = batch[i];
    const bool is_final = row.delivery->kind == "final";
    const auto lease = leases.find(row.request_id);
    if (seen[i] || applied.contains(key_of(row))) {
      judged.push_back({Verdict::duplicate});
    } else if (lease == leases.end()) {
      judged.push_back({Verdict::unknown});
    } else if (lease->second.live_fence != row.delivery->fence || over.contains(row.request_id)) {
      judged.push_back({Verdict::stale});
    } else if (is_final_status(lease->second.request_status) &&
               !(is_final && row.status == "cancelled" && lease->second.request_status == "cancelled")) {
      judged.push_back({Verdict::stale, is_final});
      if (is_final) over.insert(row.request_id);
    } else {
      judged.push_back({Verdict::applied});
      applied.insert(key_of(row));
      if (is_final) over.insert(row.request_id);
    }
  }
  return judged;
}

}  // namespace vivid::sync
