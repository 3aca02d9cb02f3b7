// Keeps request_metrics right, and forgets old deliveries, on a connection of its own: an hour with very many requests
// takes long to recompute, and leases and cancellations do not wait for it. It takes a small part of the time, however
// long each time is.
//
// Threads: its own, from start() to stop(). Ownership: what it is given must outlive it.
// Errors: shown in the link's state, logged once and tried again. It leaves the server alone while the link is not
// connected.
#pragma once

#include <atomic>
#include <optional>

#include "sync/central/link/connector.h"
#include "sync/central/link/link_thread.h"
#include "sync/central/link/state_book.h"

namespace vivid::sync {

class MetricsKeeper {
 public:
  MetricsKeeper(const LinkOptions& options, const Clock& clock, StateBook<LinkState>& state, std::uint64_t seed);

  // Never does anything with an interval of 0.
  void start();
  void stop(std::chrono::milliseconds grace) { thread_.stop(grace); }
  bool fails() const { return fails_; }

 private:
  void run();
  // How long to leave it then.
  std::chrono::milliseconds roll_up();
  // True: there is more.
  Result<bool> do_some();
  std::chrono::milliseconds failed(const Error& error);

  const LinkOptions* options_;
  const Clock* clock_;
  StateBook<LinkState>* state_;
  Random random_;
  LinkThread thread_;
  std::atomic<bool> fails_{false};

  // From here on the thread's own.
  Connector connector_;
  std::optional<Session> session_;
  int failures_ = 0;
  int rows_;  // in one go
};

}  // namespace vivid::sync
