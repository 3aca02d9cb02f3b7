// What the queue should do, written as plainly as it can be: vectors in memory, no transactions. The model test
// compares the real one with it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "queue/job_queue.h"

namespace vivid::queue {

class ReferenceQueue {
 public:
  explicit ReferenceQueue(const Options& options) : options_(options) {}

  struct Stage {
    StageSpec spec;
    StageState state = StageState::pending;
    WallTime ready_at{};
    int attempt = 0;
    int used = 0;
    int crashes = 0;
  };
  struct Job {
    std::string uid;
    JobState state = JobState::queued;
    std::vector<Stage> stages;
    int priority = 5;
    WallTime base{};
    std::optional<WallTime> deadline;
    std::chrono::microseconds time_limit{0};
    int crashes = 0;
    bool cancel_requested = false;
    std::set<std::string> outbox;  // "kind" or "kind stage"
  };
  struct Leased {
    std::string uid;
    std::string stage;
    int attempt = 0;
    bool operator==(const Leased&) const = default;
  };

  bool submit(const NewJob& job, WallTime now);
  std::vector<Leased> claim(const std::string& lane, int limit, WallTime now);
  // Nullopt: lease lost. `retry_at` is what the real queue has drawn.
  std::optional<JobState> complete(const Leased& lease, WallTime now);
  std::optional<JobState> fail(const Leased& lease, ErrorCode code, std::optional<WallTime> retry_at, WallTime now);
  std::optional<JobState> snooze(const Leased& lease, WallTime until);
  CancelResult cancel(const std::string& uid);
  bool requeue(const std::string& uid, WallTime now);
  void set_priority(const std::string& uid, int priority);
  std::set<std::string> paused;

  const std::vector<Job>& jobs() const { return jobs_; }
  std::vector<Leased> leased() const;

 private:
  Job* find(const std::string& uid);
  Stage* find_leased(const Leased& lease);
  void end(Job& job, JobState state, bool tell = true);
  void advance(Job& job, WallTime now);

  Options options_;
  std::vector<Job> jobs_;
};

}  // namespace vivid::queue
