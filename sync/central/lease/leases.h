// Keeps leases alive, and learns which are lost or whose request somebody cancelled.
//
// Threads: pure functions over a session; one session, one thread.
// Errors: unavailable without a connection; else as to_error says.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "sync/central/lease/claims.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

struct HeldLease {
  std::string id;
  std::int64_t fence = 0;
};

struct Renewal {
  std::vector<HeldLease> lost;         // another fence, finished, buried, or the request is gone
  std::vector<std::string> cancelled;  // of those still held
  int released_orphans = 0;            // claimed by this life of the node with an answer that it never got
};

// One statement for all that is held on `path`, none included: it also tells the server that renewals are being taken.
Result<Renewal> renew(Session& session, const NodeIdentity& node, RequestPath path, const std::vector<HeldLease>& held,
                      std::chrono::seconds lease);

// Which of these have been cancelled. Cheap: asked every second.
Result<std::vector<std::string>> cancelled_of(Session& session, const std::vector<HeldLease>& held);

struct NodeReport {
  std::string capacity;  // JSON: slots by lane
  std::string load;      // JSON: slots in use, jobs waiting, outbox rows, free disk bytes
  bool draining = false;
};
// Says that this node lives. True: another living daemon goes by the same node_id.
Result<bool> heartbeat(Session& session, const NodeIdentity& node, const NodeReport& report,
                       std::chrono::seconds lease);

// "SYSTEM_IDENTIFIER/TIMELINE" of the server: it changes with a failover, after which acknowledged commits may be gone.
Result<std::string> server_identity(Session& session);

}  // namespace vivid::sync
