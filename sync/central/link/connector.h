// Opens the sessions of a link, makes sure that the schema is there, and tells of outages: once when one begins, once
// when it is over.
//
// Threads: one thread. Ownership: random must outlive it. Errors: as Session::open; not_found without the schema.
#pragma once

#include <memory>
#include <string>

#include "sync/central/link/central_link.h"
#include "sync/central/link/outage.h"
#include "sync/central/session/interrupt.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

class Connector {
 public:
  // `name` tells the connections of a daemon apart, in the log and in pg_stat_activity.
  Connector(const LinkOptions& options, std::string name, std::shared_ptr<Interrupt> interrupt, Random& random);

  Result<Session> connect();
  // How long to wait before the next try.
  std::chrono::milliseconds failed(const Error& error, SteadyTime now);
  // It has been of use: only that ends an outage, so that one which takes connections and then fails is backed off
  // from.
  void works(const Session& session, SteadyTime now);

 private:
  SessionOptions options_;
  std::string name_;
  Outage outage_;
  bool has_worked_ = false;
};

}  // namespace vivid::sync
