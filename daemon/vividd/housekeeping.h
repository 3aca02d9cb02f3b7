// What has to be tidied now and then: spool folders of jobs that are over, old jobs and their logs, the outbox.
//
// Threads: the loop's; the disk is touched on the stage pool.
#pragma once

#include <memory>
#include <string>

#include "daemon/loop/timer.h"
#include "daemon/vividd/parts.h"

namespace vivid::daemon {

class Housekeeping {
 public:
  explicit Housekeeping(Parts& parts);
  void start();
  // A job ended: what it leaves is taken care of.
  void job_ended(const std::string& uid, const std::string& correlation_id, queue::JobState state);

 private:
  void sweep_outbox();
  void prune();
  void sweep_spool();

  Parts& parts_;
  bool sweeping_outbox_ = false;
  Timer outbox_timer_;
  Timer outbox_patrol_;
  Timer daily_timer_;
};

}  // namespace vivid::daemon
