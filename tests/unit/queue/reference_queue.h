// What the queue should do, written as plainly as it can be: vectors in memory, no transactions. The model test
// compares the real one with it.
#pragma once

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
    bool told = true;  // of its end as cancelled
    std::int64_t fence = 0;
    WallTime finished_at{};
  };
  // Rows are in the order of their numbers.
  struct Row {
    std::string uid;
    std::string text;  // "kind" or "kind stage attempt"
    std::optional<Verdict> verdict;
    WallTime settled_at{};
  };
  struct Submitted {
    bool refused = false;
    bool created = false;
    bool fence_raised = false;
    bool operator==(const Submitted&) const = default;
  };
  struct Leased {
    std::string uid;
    std::string stage;
    int attempt = 0;
    bool operator==(const Leased&) const = default;
  };

  Submitted submit(const NewJob& job, WallTime now);
  std::vector<Leased> claim(const std::string& lane, int limit, WallTime now);
  // Nullopt: lease lost. `retry_at` is what the real queue has drawn.
  std::optional<JobState> complete(const Leased& lease, WallTime now);
  std::optional<JobState> fail(const Leased& lease, ErrorCode code, std::optional<WallTime> retry_at, WallTime now);
  std::optional<JobState> snooze(const Leased& lease, WallTime until, WallTime now);
  CancelResult cancel(const std::string& uid, ErrorCode reason, WallTime now);
  bool requeue(const std::string& uid, std::optional<std::int64_t> fence, WallTime now);
  std::int64_t requeue_dead(WallTime now);
  void settle(const std::string& uid, const std::string& text, Verdict verdict, WallTime now);
  std::int64_t resend(WallTime since);
  std::int64_t requeue_outbox();
  std::int64_t prune(std::chrono::hours keep, std::chrono::hours keep_dead, WallTime now);
  void set_priority(const std::string& uid, int priority);
  std::set<std::string> paused;

  const std::vector<Job>& jobs() const { return jobs_; }
  // Nullopt: the unsettled ones.
  std::vector<Row> rows(std::optional<Verdict> verdict) const;
  bool has_rows(const std::string& uid, std::optional<Verdict> verdict) const;
  bool is_final_refused(const std::string& uid) const;
  std::vector<Leased> leased() const;

 private:
  Job* find(const std::string& uid);
  Stage* find_leased(const Leased& lease);
  void end(Job& job, JobState state, WallTime now, bool tell = true);
  void end_as_asked(Job& job, const Leased& lease, WallTime now);
  void advance(Job& job, WallTime now);
  void put(const Job& job, const std::string& text);
  void raise_fence(Job& job, std::int64_t fence);
  bool needs_new_fence(const Job& job) const;
  bool unsettle(std::size_t index);
  void remove(const std::string& uid);

  Options options_;
  std::vector<Job> jobs_;
  std::vector<Row> rows_;
};

}  // namespace vivid::queue
