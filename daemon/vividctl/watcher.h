// Follows jobs until they are final, through restarts of the daemon: subscribes, asks for what it may have missed, and
// asks again after every reconnection.
//
// Threads: one thread. Errors: no_daemon when the daemon stays away longer than the limit, timed_out, not_found.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/vividctl/context.h"
#include "daemon/vividctl/progress.h"

namespace vivid::ctl {

struct WatchOptions {
  std::vector<std::string> jobs;  // full ids; empty: every job, until interrupted
  std::chrono::milliseconds reconnect_limit{60'000};
  std::optional<std::chrono::milliseconds> timeout;
};

class Watcher {
 public:
  Watcher(Context& context, ProgressView& view, WatchOptions options);
  // The worst exit code of the watched jobs, once all are final; ok when nobody reads any more.
  Outcome<ExitCode> run();

 private:
  bool all_final() const;
  Outcome<void> subscribe();
  Outcome<void> ask_for_jobs();
  void take_summary(const Json& summary, const Json& progress);
  void take_progress(JobProgress progress);
  std::string note_about(const std::string& job);
  Outcome<void> listen_once();
  // Tells why waiting jobs wait, when that has changed.
  void tell_what_holds();

  Context& context_;
  ProgressView& view_;
  WatchOptions options_;
  std::map<std::string, std::string> states_;  // of jobs that are watched, or not final
  std::string held_;                           // why waiting jobs wait, as last told
};

// Calls again while it fails for want of a daemon, at most for `limit` after the first failure; between two attempts it
// waits a little longer each time. For what may be asked twice.
Outcome<Json> call_through_restart(Context& context, std::string_view method, const Json& params,
                                   std::chrono::milliseconds timeout, std::chrono::milliseconds limit);

// Full id of what may be a prefix, with the summary.
Outcome<Json> find_job(Context& context, const std::string& job);

// Waits until the job is final; its summary. A daemon that ends or restarts meanwhile is waited for.
Outcome<Json> wait_for_job(Context& context, const std::string& job, std::optional<std::chrono::milliseconds> limit,
                           std::chrono::milliseconds reconnect_limit = std::chrono::minutes(1));

}  // namespace vivid::ctl
