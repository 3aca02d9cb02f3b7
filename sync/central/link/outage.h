// A server that does not answer: when to try again, and what is worth saying about it. An outage is told once when it
// begins and once when it is over; what will not pass by itself is retried slowly and told again now and then.
//
// Threads: one thread. Errors: none.
#pragma once

#include <chrono>
#include <optional>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/error.h"

namespace vivid::sync {

// A host must be back well before the others may take its leases over, which they do one lease period after the server
// is: it waits half a lease at the longest.
BackoffOptions within_lease(BackoffOptions backoff, std::chrono::milliseconds lease);

class Outage {
 public:
  Outage(const BackoffOptions& backoff, Random& random) : backoff_(backoff), random_(&random) {}

  struct Next {
    std::chrono::milliseconds retry_in{0};
    bool say = false;
    bool needs_somebody = false;  // rights, a name, the schema: it does not pass by itself
  };
  Next failed(const Error& error, SteadyTime now);
  // It answers. How long it was away; none if it was not.
  std::optional<std::chrono::milliseconds> over(SteadyTime now);

 private:
  BackoffOptions backoff_;
  Random* random_;
  int failures_ = 0;
  std::optional<SteadyTime> since_;
  bool needs_somebody_ = false;
  std::optional<SteadyTime> said_;
};

// The same error with a code that tells whether somebody must do something: libpq gives no SQLSTATE for a connection
// that the server refuses, only its words.
Error connection_error(Error error);

}  // namespace vivid::sync
