// What the link does between the daemon and the database, one duty a function, over a session that somebody else keeps.
//
// Threads: one thread. Ownership: host and state must outlive it.
// Errors: of the database or of the host; nothing is lost by one, the duty is done again later.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "sync/central/link/central_link.h"
#include "sync/central/link/state_book.h"

namespace vivid::sync {

class Duties {
 public:
  Duties(const LinkOptions& options, CentralHost& host, const Clock& clock, StateBook<LinkState>& state, Random& random)
      : options_(&options), host_(&host), clock_(&clock), state_(&state), random_(&random) {}

  // Is this the server that was known? If not, what it acknowledged of late is delivered again.
  Status recognise(Session& session);
  // Leases, then the heartbeat.
  Status renew(Session& session);
  // One batch. True: there may be more.
  Result<bool> deliver(Session& session);
  Status publish_progress(Session& session);
  Status watch_cancelled(Session& session);
  // How many requests may be claimed now.
  int room();
  // Up to `room`, those whose lease has lapsed first: they have waited longest. How many. One over which a host was
  // lost is safe on the local disk before the next is claimed.
  Result<int> claim(Session& session, int room, bool lapsed_too);

  // The host is told if it holds this request.
  void heard_cancelled(const std::string& request_id);

  // Another living daemon goes by this node's id; nothing is claimed meanwhile.
  bool has_twin() const { return wary_of_twin_ > 0; }

 private:
  Status heartbeat(Session& session);
  Result<int> claim_lapsed(Session& session, ClaimOptions wanted);
  // Stops at the first that the host cannot take; gives that and the rest back.
  Status take(Session& session, const std::vector<ClaimedRequest>& requests, std::int64_t LinkState::*counter);
  void give_back(Session& session, const std::vector<ClaimedRequest>& requests, std::size_t from, const Error& error);
  void cancel(const std::string& request_id);

  const LinkOptions* options_;
  CentralHost* host_;
  const Clock* clock_;
  StateBook<LinkState>* state_;
  Random* random_;
  // Told since the last renewal, which tells again.
  std::set<std::string> cancelled_;
  std::set<std::pair<std::string, std::int64_t>> lost_;  // with the last renewal; id and fence
  int wary_of_twin_ = 0;                                 // heartbeats to go
  int twin_heartbeats_ = 0;                              // in a row, or nearly
};

}  // namespace vivid::sync
