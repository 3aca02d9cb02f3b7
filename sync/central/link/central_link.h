// The daemon's standing connection to the central database: renews leases, delivers results, publishes progress, hears
// of cancellations and claims media requests, in that order after every reconnect.
//
//   connect ─▶ identity ─▶ renew ─▶ deliver ─▶ claim ─▶ wait for: wake(), a notification, or the next thing due ─▶ …
//      ▲─────────────── full-jitter backoff, 0.2 s to 30 s ──────────── connection lost ◀┘
//
// Threads: its own; wake(), state() and stop() may be called from any. The host's functions are called on the link's
// thread and may block on the local disk, never on the network.
// Ownership: the host must outlive the link. Errors: none leave it; they are logged, shown in state() and tried again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/error.h"
#include "sync/central/lease/claims.h"
#include "sync/central/lease/leases.h"
#include "sync/central/results/deliveries.h"
#include "sync/central/results/progress.h"

namespace vivid::sync {

// What the link needs of the daemon.
class CentralHost {
 public:
  virtual ~CentralHost() = default;

  // How many more media requests the host would take now; 0 while it drains, is paused, short of disk, or has too much
  // to deliver.
  virtual int free_slots() = 0;
  // Returns once the request is safe on the local disk, also one that is wrong: that fails there, for good, and tells
  // why. An error: it was not taken and is given back.
  virtual Status accept(const ClaimedRequest& request) = 0;
  // All requests that need their lease: not over, or over and not delivered.
  virtual Result<std::vector<HeldLease>> held() = 0;
  virtual void lease_lost(const HeldLease& lease) = 0;
  virtual void cancel(const std::string& request_id) = 0;

  // The oldest undelivered, within kMaxDeliveryRows and kMaxDeliveryBytes.
  virtual Result<std::vector<Delivery>> undelivered() = 0;
  // Durable when it returns. Also removes the artefacts of what turned out stale.
  virtual Status settle(const std::vector<Settled>& settled) = 0;
  // The server may have lost what it acknowledged: what was settled of late is undelivered again.
  virtual Status deliver_again() = 0;
  // Since the last call; latest value of each running request.
  virtual std::vector<ProgressNote> progress() = 0;
  virtual NodeReport report() = 0;

  // Which server it was last; empty: none yet. Durable.
  virtual std::string known_server() = 0;
  virtual Status remember_server(const std::string& identity) = 0;
};

struct LinkOptions {
  std::string database;  // libpq URI or keywords
  NodeIdentity node;
  std::string environment = "dev";
  std::chrono::seconds lease{60};
  std::chrono::milliseconds renew_interval{20'000};
  std::chrono::milliseconds poll_minimum{5'000};  // of looking for requests without a hint, jittered
  std::chrono::milliseconds poll_maximum{15'000};
  std::chrono::milliseconds progress_interval{1'000};
  std::chrono::milliseconds cancel_interval{1'000};
  std::chrono::milliseconds rollup_interval{10'000};
  std::chrono::seconds connect_timeout{10};
  std::chrono::milliseconds statement_timeout{15'000};
  int max_crashes = 3;
  BackoffOptions reconnect{std::chrono::milliseconds(200), std::chrono::milliseconds(30'000), 2.0};
  std::uint64_t seed = 0;  // of the jitter; 0: from the kernel
};

// Counters are since the start.
struct LinkState {
  bool connected = false;
  bool listening = false;
  std::string server;      // description, never a password
  std::string last_error;  // empty while all is well
  std::optional<WallTime> connected_since;
  std::optional<WallTime> last_renewal;
  std::int64_t reconnects = 0;
  std::int64_t claimed = 0;
  std::int64_t reclaimed = 0;
  std::int64_t leases_lost = 0;
  std::int64_t delivered[5] = {};  // by Verdict
};

class CentralLink {
 public:
  CentralLink(LinkOptions options, CentralHost& host, const Clock& clock);
  // stop().
  ~CentralLink();
  CentralLink(const CentralLink&) = delete;
  CentralLink& operator=(const CentralLink&) = delete;

  // Something may be there to deliver, or a slot is free.
  void wake();
  // Called on the link's thread when requests were inserted; set before start().
  void set_on_hint(std::function<void()> new_requests);
  void start();
  // Ends what is being asked of the server, and the thread. Nothing is lost: the outbox is durable.
  void stop();
  LinkState state() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vivid::sync
