// Runs the steps of one revision in one direction, from where the ledger says the last run ended.
//
// A lock that stops writers is asked for with a short timeout; if it is not to be had, everything is undone and tried
// again after a jittered pause, so that writers queue behind it for no longer than that timeout.
//
// Threads: one thread. Errors: what the server said, with revision and step; start_to_close when a lock was not to be
// had within `patience`. After an error the next run resumes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/backoff.h"
#include "base/clock.h"
#include "sync/central/migrate/inspection.h"
#include "sync/central/migrate/ledger.h"

namespace vivid::sync {

struct StepOptions {
  // For locks that writers queue behind; below the server's deadlock_timeout (1 s), so that they never lose to us.
  std::chrono::milliseconds lock_timeout{200};
  // For all waiting at one step.
  std::chrono::milliseconds patience{600'000};
  BackoffOptions backoff{std::chrono::milliseconds(300), std::chrono::milliseconds(10'000), 2.0};
  std::function<void(std::chrono::milliseconds)> sleep;
  // What is going on, a line at a time.
  std::function<void(const std::string&)> say;
};

class StepRunner {
 public:
  StepRunner(Session& session, const StepOptions& options, const Clock& clock, Random& random)
      : session_(session), ledger_(session), options_(options), clock_(clock), random_(random) {}

  // `expected` is the revision that must be found in order afterwards: the one that went up, or the one below the one
  // that went down (null for none).
  Status run(const Revision& revision, bool up, const Revision* expected);

 private:
  using Body = std::function<SqlResult<void>()>;

  Status run_as_one(const Revision& revision, bool up, const Revision* expected);
  Status run_step(const Revision& revision, bool up, std::size_t index, SqlText cursor);
  Status run_batches(const Revision& revision, const Step& step, int done, SqlText cursor, const std::string& what);
  Status run_concurrently(const Revision& revision, const Step& step, int done, const std::string& what);
  Status finish(const Revision& revision, bool up, const Revision* expected);

  SqlResult<void> take_locks(const Step& step);
  SqlResult<void> check(const Revision* expected);
  // Begin, body, commit; again while it is worth it.
  Status in_transaction(const std::string& what, const Body& body);
  Status retrying(const std::string& what, const Body& attempt);
  std::string who_is_in_the_way();
  void say(const std::string& line) const {
    if (options_.say) options_.say(line);
  }

  Session& session_;
  Ledger ledger_;
  const StepOptions& options_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace vivid::sync
