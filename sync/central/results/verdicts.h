// Decides what becomes of each delivery of a batch, from what the database said once it had locked what they are about.
//
// Threads: pure functions over values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sync/central/results/deliveries.h"

namespace vivid::sync {

struct LeaseState {
  std::optional<std::int64_t> live_fence;
  std::string request_status;  // while the fence is live
};

struct Judged {
  Verdict verdict = Verdict::applied;
  // A final state that came too late for a request that somebody else has ended: its lease is to end too.
  bool closing = false;
};

// A delivery, with what its body says of the status (of a `final` only).
struct Examined {
  const Delivery* delivery = nullptr;
  std::string request_id;  // canonical
  std::string_view status;
};

// Within the batch, too, the order counts: nothing applies after a request's final state, and a delivery that is in it
// twice is applied once. `seen`, beside `batch`: applied in an earlier batch. `leases` by canonical id.
std::vector<Judged> judge(const std::vector<Examined>& batch, const std::vector<bool>& seen,
                          const std::unordered_map<std::string, LeaseState>& leases);

}  // namespace vivid::sync
