#include "reference_queue.h"

#include <algorithm>

namespace vivid::queue {

ReferenceQueue::Job* ReferenceQueue::find(const std::string& uid) {
  const auto found = std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.uid == uid; });
  return found == jobs_.end() ? nullptr : &*found;
}

ReferenceQueue::Stage* ReferenceQueue::find_leased(const Leased& lease) {
  Job* job = find(lease.uid);
  if (job == nullptr) return nullptr;
  for (Stage& stage : job->stages) {
    const bool live = stage.state == StageState::in_progress && stage.attempt == lease.attempt;
    if (live && stage.spec.name == lease.stage) return &stage;
  }
  return nullptr;
}

void ReferenceQueue::end(Job& job, JobState state, bool tell) {
  job.state = state;
  if (tell) job.outbox.insert("final");
}

void ReferenceQueue::advance(Job& job, WallTime now) {
  for (Stage& stage : job.stages) {
    if (stage.state != StageState::pending) continue;
    stage.state = StageState::ready;
    stage.ready_at = now;
    return;
  }
  end(job, JobState::completed);
}

bool ReferenceQueue::submit(const NewJob& job, WallTime now) {
  if (find(job.uid) != nullptr) return false;
  Job added;
  added.uid = job.uid;
  added.priority = job.priority;
  added.base = std::max(job.run_at, now);
  added.deadline = job.deadline;
  if (job.deadline) added.time_limit = *job.deadline - added.base;
  added.outbox.insert("accepted");
  for (const StageSpec& spec : job.stages) {
    added.stages.push_back({.spec = spec, .state = spec.skipped ? StageState::skipped : StageState::pending});
  }
  jobs_.push_back(std::move(added));
  advance(jobs_.back(), jobs_.back().base);
  return true;
}

std::vector<ReferenceQueue::Leased> ReferenceQueue::claim(const std::string& lane, int limit, WallTime now) {
  std::vector<Leased> leases;
  if (paused.contains(lane) || paused.contains("")) return leases;
  std::vector<Job*> order;
  for (Job& job : jobs_) order.push_back(&job);
  const auto rank = [&](const Job* job) { return job->base - options_.priority_step * job->priority; };
  std::stable_sort(order.begin(), order.end(), [&](const Job* a, const Job* b) { return rank(a) < rank(b); });
  for (Job* job : order) {
    if (static_cast<int>(leases.size()) >= limit) break;
    for (Stage& stage : job->stages) {
      if (stage.state != StageState::ready || stage.spec.lane != lane || stage.ready_at > now) continue;
      if (job->deadline && *job->deadline <= now) {
        stage.state = StageState::failed;
        job->outbox.insert("stage " + stage.spec.name);
        end(*job, JobState::failed);
        break;
      }
      stage.state = StageState::in_progress;
      ++stage.attempt;
      ++stage.used;
      job->state = JobState::running;
      leases.push_back({job->uid, stage.spec.name, stage.attempt});
      break;
    }
  }
  return leases;
}

std::optional<JobState> ReferenceQueue::complete(const Leased& lease, WallTime now) {
  Stage* stage = find_leased(lease);
  if (stage == nullptr) return std::nullopt;
  Job& job = *find(lease.uid);
  stage->state = StageState::completed;
  job.outbox.insert("stage " + lease.stage);
  const bool undone = std::any_of(stage + 1, job.stages.data() + job.stages.size(), [](const Stage& later) {
    return later.state == StageState::pending || later.state == StageState::cancelled;
  });
  job.cancel_requested&& undone ? end(job, JobState::cancelled) : advance(job, now);
  return job.state;
}

std::optional<JobState> ReferenceQueue::fail(const Leased& lease, ErrorCode code, std::optional<WallTime> retry_at,
                                             WallTime now) {
  Stage* stage = find_leased(lease);
  if (stage == nullptr) return std::nullopt;
  Job& job = *find(lease.uid);
  const auto both = [&](StageState stage_state, JobState job_state, bool tell = true) {
    stage->state = stage_state;
    job.outbox.insert("stage " + lease.stage);
    end(job, job_state, tell);
    return job.state;
  };
  const auto give_up = [&](JobState job_state) {
    if (stage->spec.critical) return both(StageState::failed, job_state);
    stage->state = StageState::failed;
    job.outbox.insert("stage " + lease.stage);
    advance(job, now);
    return job.state;
  };
  const auto retry = [&] {
    stage->state = StageState::ready;
    stage->ready_at = retry_at.value_or(now);
    return job.state;
  };
  switch (disposition_of(code)) {
    case Disposition::crash:
      ++stage->crashes;
      ++job.crashes;
      if (job.cancel_requested) return both(StageState::cancelled, JobState::cancelled);
      return job.crashes < options_.max_crashes ? retry() : give_up(JobState::quarantined);
    case Disposition::retry:
      if (job.cancel_requested) return both(StageState::cancelled, JobState::cancelled);
      return stage->used - stage->crashes < stage->spec.limits.max_attempts ? retry() : give_up(JobState::failed);
    case Disposition::fail:
      return give_up(JobState::failed);
    default:
      return both(StageState::cancelled, JobState::cancelled);
  }
}

std::optional<JobState> ReferenceQueue::snooze(const Leased& lease, WallTime until) {
  Stage* stage = find_leased(lease);
  if (stage == nullptr) return std::nullopt;
  Job& job = *find(lease.uid);
  if (job.cancel_requested) {
    stage->state = StageState::cancelled;
    job.outbox.insert("stage " + lease.stage);
    end(job, JobState::cancelled);
    return job.state;
  }
  --stage->used;
  stage->state = StageState::ready;
  stage->ready_at = until;
  return job.state;
}

CancelResult ReferenceQueue::cancel(const std::string& uid) {
  Job* job = find(uid);
  if (job == nullptr) return CancelResult::not_found;
  if (is_final(job->state)) return CancelResult::already_final;
  job->cancel_requested = true;
  bool running = false;
  for (Stage& stage : job->stages) {
    if (stage.state == StageState::in_progress) running = true;
    if (stage.state == StageState::pending || stage.state == StageState::ready) stage.state = StageState::cancelled;
  }
  if (running) return CancelResult::cancel_requested;
  end(*job, JobState::cancelled);
  return CancelResult::cancelled;
}

bool ReferenceQueue::requeue(const std::string& uid, WallTime now) {
  Job* job = find(uid);
  if (job == nullptr || !is_final(job->state) || job->state == JobState::completed) return false;
  for (Stage& stage : job->stages) {
    const bool over = job->deadline && stage.state == StageState::failed && &stage != &job->stages.back();
    const bool failed = stage.state == StageState::failed && (stage.spec.critical || over);
    if (!failed && stage.state != StageState::cancelled && stage.state != StageState::pending) continue;
    stage.state = StageState::pending;
    stage.used = stage.crashes = 0;
  }
  job->state = JobState::queued;
  job->cancel_requested = false;
  job->crashes = 0;
  if (job->deadline) job->deadline = now + job->time_limit;
  advance(*job, now);
  return true;
}

void ReferenceQueue::set_priority(const std::string& uid, int priority) {
  if (Job* job = find(uid)) job->priority = priority;
}

std::vector<ReferenceQueue::Leased> ReferenceQueue::leased() const {
  std::vector<Leased> leases;
  for (const Job& job : jobs_) {
    for (const Stage& stage : job.stages) {
      if (stage.state == StageState::in_progress) leases.push_back({job.uid, stage.spec.name, stage.attempt});
    }
  }
  return leases;
}

}  // namespace vivid::queue
