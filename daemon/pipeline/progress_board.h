// The latest progress of every job that runs, in memory, and who is told of it, at most once a second a job.
//
// Threads: the loop's.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "queue/job_queue.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {

struct JobProgress {
  std::string uid;
  std::int64_t fence = 0;  // 0: submitted here
  std::string state;       // of the job
  std::string stage;
  int attempt = 0;
  render::Progress stage_progress;
  std::optional<double> remaining_seconds;  // of the stage, by its pace so far
  double percent = 0.0;                     // of the whole job
  SteadyTime stage_started;
  SteadyTime last_told;
};

class ProgressBoard {
 public:
  ProgressBoard(const Clock& clock, std::function<void(const JobProgress&)> tell)
      : clock_(clock), tell_(std::move(tell)) {}

  void stage_started(const queue::Lease& lease);
  void progressed(const queue::Lease& lease, const render::Progress& progress);
  // The stage has ended and the job goes on, or is over in `state`.
  void stage_ended(const queue::Lease& lease, queue::JobState state);
  // A state that no stage brought about: submitted, cancelled while it waited …
  void changed(const std::string& uid, queue::JobState state);

  const JobProgress* find(const std::string& uid) const;

 private:
  const Clock& clock_;
  std::function<void(const JobProgress&)> tell_;
  std::map<std::string, JobProgress> jobs_;
};

}  // namespace vivid::daemon
