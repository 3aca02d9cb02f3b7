// The two links to the central database, their hosts, and what the rest of the daemon asks of them. Made only where
// central.database is set.
//
// Threads: the loop's.
// Ownership: the parts must outlive it; stop() it before the pools and the queue go, destroy it after them.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "daemon/central/central_host.h"
#include "daemon/central/text_host.h"
#include "daemon/loop/timer.h"
#include "daemon/vividd/parts.h"
#include "sync/central/link/central_link.h"
#include "sync/central/link/text_link.h"

namespace vivid::daemon {

class Central {
 public:
  // `cancelled`: a job ended that nothing ran of.
  Central(Parts& parts, std::function<void(const queue::JobSummary& job)> cancelled);
  ~Central();
  Central(const Central&) = delete;
  Central& operator=(const Central&) = delete;

  void start();
  // Something may be there to deliver, or a slot is free.
  void wake();
  // Once a second: what the links may take, what they report, what is shown.
  void refresh();
  // After a reload: prices, limits and bounds.
  void take_settings();
  // `then` once all that can be delivered is, at `limit` at the latest. Without a connection there is nothing to wait
  // for: what is left goes out after the next start.
  void when_delivered(SteadyTime limit, std::function<void()> then);
  // Both links; nothing is asked of the hosts after it.
  void stop();

  CentralHost& host() { return *host_; }
  const TextHost& texts() const { return *text_host_; }
  // Why an operator should look, though the host works on; empty: all is well.
  std::string concern() const;
  nlohmann::json status() const;

 private:
  CentralEvents events(std::function<void(const queue::JobSummary& job)> cancelled);
  void look_at_held();
  void observe() const;

  Parts& parts_;
  std::unique_ptr<CentralHost> host_;
  std::unique_ptr<TextHost> text_host_;
  std::unique_ptr<sync::CentralLink> link_;
  std::unique_ptr<sync::TextLink> text_link_;
  Timer delivery_timer_;
  std::int64_t leases_held_ = 0;
  bool looking_ = false;
  bool stopped_ = false;
};

}  // namespace vivid::daemon
