// Turns what happens to stages into metrics, progress and housekeeping.
//
// Threads: the loop's.
#pragma once

#include "daemon/pipeline/dispatcher.h"
#include "daemon/vividd/housekeeping.h"
#include "daemon/vividd/parts.h"

namespace vivid::daemon {

class Observer : public DispatchObserver {
 public:
  Observer(Parts& parts, Housekeeping& housekeeping) : parts_(parts), housekeeping_(housekeeping) {}

  void stage_started(const queue::Lease& lease, std::chrono::microseconds waited) override;
  void stage_progressed(const queue::Lease& lease, const render::Progress& progress) override;
  void stage_settled(const queue::Lease& lease, const StageReport& report, const queue::StageOutcome& outcome,
                     std::chrono::microseconds took) override;

  // Also for a job that ended by other means than a stage of this daemon.
  void job_ended(const std::string& uid, const std::string& correlation_id, queue::JobState state);
  // One that was waiting, or between two stages.
  void job_cancelled(const queue::JobSummary& job);

 private:
  void count_result(const queue::Lease& lease, const render::StageResult& result);

  Parts& parts_;
  Housekeeping& housekeeping_;
};

}  // namespace vivid::daemon
