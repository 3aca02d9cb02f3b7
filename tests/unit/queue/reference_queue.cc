#include "reference_queue.h"

#include <algorithm>

namespace vivid::queue {
namespace {

std::string stage_text(const std::string& stage, int attempt) {
  return "stage " + stage + " " + std::to_string(attempt);
}

}  // namespace

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

void ReferenceQueue::put(const Job& job, const std::string& text) {
  std::erase_if(rows_, [&](const Row& row) { return row.uid == job.uid && row.text == text && !row.verdict; });
  rows_.push_back({.uid = job.uid, .text = text, .verdict = std::nullopt});
}

void ReferenceQueue::end(Job& job, JobState state, WallTime now, bool tell) {
  job.state = state;
  job.finished_at = now;
  if (tell) put(job, "final");
}

void ReferenceQueue::end_as_asked(Job& job, const Leased& lease, WallTime now) {
  if (job.told) put(job, stage_text(lease.stage, lease.attempt));
  end(job, JobState::cancelled, now, job.told);
}

void ReferenceQueue::advance(Job& job, WallTime now) {
  for (Stage& stage : job.stages) {
    if (stage.state != StageState::pending) continue;
    stage.state = StageState::ready;
    stage.ready_at = now;
    return;
  }
  end(job, JobState::completed, now);
}

void ReferenceQueue::raise_fence(Job& job, std::int64_t fence) {
  job.fence = fence;
  std::vector<Row> again;
  for (const Row& row : rows_) {
    if (row.uid != job.uid || row.verdict == Verdict::quarantined) continue;
    const bool known = row.verdict == Verdict::applied || row.verdict == Verdict::duplicate;
    if (row.text.starts_with("attempt") && known) continue;
    again.push_back(row);
  }
  for (const Row& row : again) {
    std::erase_if(rows_, [&](const Row& old) {
      return old.uid == row.uid && old.text == row.text && old.verdict != Verdict::quarantined;
    });
  }
  for (const Row& row : again) put(job, row.text);
}

void ReferenceQueue::remove(const std::string& uid) {
  std::erase_if(jobs_, [&](const Job& job) { return job.uid == uid; });
  std::erase_if(rows_, [&](const Row& row) { return row.uid == uid; });
}

ReferenceQueue::Submitted ReferenceQueue::submit(const NewJob& job, WallTime now) {
  if (Job* here = find(job.uid)) {
    if (job.fence <= here->fence) return {};
    if (!is_final(here->state)) {
      if (here->cancel_requested) return {.refused = true};
      raise_fence(*here, job.fence);
      return {.fence_raised = true};
    }
    if (has_rows(job.uid, std::nullopt)) return {.refused = true};
    remove(job.uid);
  }
  Job added;
  added.uid = job.uid;
  added.fence = job.fence;
  added.priority = job.priority;
  added.base = std::max(job.run_at, now);
  added.deadline = job.deadline;
  if (job.deadline) added.time_limit = *job.deadline - added.base;
  for (const StageSpec& spec : job.stages) {
    added.stages.push_back({.spec = spec, .state = spec.skipped ? StageState::skipped : StageState::pending});
  }
  put(added, "accepted");
  jobs_.push_back(std::move(added));
  advance(jobs_.back(), jobs_.back().base);
  if (is_final(jobs_.back().state)) jobs_.back().finished_at = now;
  return {.created = true};
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
        put(*job, stage_text(stage.spec.name, stage.attempt));
        end(*job, JobState::failed, now);
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
  put(job, stage_text(lease.stage, lease.attempt));
  const bool undone = std::any_of(stage + 1, job.stages.data() + job.stages.size(), [](const Stage& later) {
    return later.state == StageState::pending || later.state == StageState::cancelled;
  });
  job.cancel_requested&& undone ? end(job, JobState::cancelled, now, job.told) : advance(job, now);
  return job.state;
}

std::optional<JobState> ReferenceQueue::fail(const Leased& lease, ErrorCode code, std::optional<WallTime> retry_at,
                                             WallTime now) {
  Stage* stage = find_leased(lease);
  if (stage == nullptr) return std::nullopt;
  Job& job = *find(lease.uid);
  const auto both = [&](StageState stage_state, JobState job_state) {
    stage->state = stage_state;
    put(job, stage_text(lease.stage, lease.attempt));
    end(job, job_state, now);
    return job.state;
  };
  const auto as_asked = [&] {
    stage->state = StageState::cancelled;
    end_as_asked(job, lease, now);
    return job.state;
  };
  const auto give_up = [&](JobState job_state) {
    if (stage->spec.critical) return both(StageState::failed, job_state);
    stage->state = StageState::failed;
    put(job, stage_text(lease.stage, lease.attempt));
    advance(job, now);
    return job.state;
  };
  const auto retry = [&] {
    stage->state = StageState::ready;
    stage->ready_at = retry_at.value_or(now);
    if (job.fence > 0) put(job, "attempt " + lease.stage + " " + std::to_string(lease.attempt));
    return job.state;
  };
  switch (disposition_of(code)) {
    case Disposition::crash:
      ++stage->crashes;
      ++job.crashes;
      if (job.cancel_requested) return as_asked();
      return job.crashes < options_.max_crashes ? retry() : give_up(JobState::quarantined);
    case Disposition::retry:
      if (job.cancel_requested) return as_asked();
      return stage->used - stage->crashes < stage->spec.limits.max_attempts ? retry() : give_up(JobState::failed);
    case Disposition::fail:
      return give_up(JobState::failed);
    default:
      if (job.cancel_requested) return as_asked();
      return both(StageState::cancelled, JobState::cancelled);
  }
}

std::optional<JobState> ReferenceQueue::snooze(const Leased& lease, WallTime until, WallTime now) {
  Stage* stage = find_leased(lease);
  if (stage == nullptr) return std::nullopt;
  Job& job = *find(lease.uid);
  if (job.cancel_requested) {
    stage->state = StageState::cancelled;
    end_as_asked(job, lease, now);
    return job.state;
  }
  --stage->used;
  stage->state = StageState::ready;
  stage->ready_at = until;
  return job.state;
}

CancelResult ReferenceQueue::cancel(const std::string& uid, ErrorCode reason, WallTime now) {
  Job* job = find(uid);
  if (job == nullptr) return CancelResult::not_found;
  if (is_final(job->state)) return CancelResult::already_final;
  if (job->cancel_requested) return CancelResult::cancel_requested;
  job->cancel_requested = true;
  job->told = reason != ErrorCode::lease_lost;
  bool running = false;
  for (Stage& stage : job->stages) {
    if (stage.state == StageState::in_progress) running = true;
    if (stage.state == StageState::pending || stage.state == StageState::ready) stage.state = StageState::cancelled;
  }
  if (running) return CancelResult::cancel_requested;
  end(*job, JobState::cancelled, now, job->told);
  return CancelResult::cancelled;
}

bool ReferenceQueue::needs_new_fence(const Job& job) const {
  if (job.fence == 0) return false;
  return std::none_of(rows_.begin(), rows_.end(), [&](const Row& row) {
    return row.uid == job.uid && row.text == "final" && (!row.verdict || row.verdict == Verdict::quarantined);
  });
}

bool ReferenceQueue::requeue(const std::string& uid, std::optional<std::int64_t> fence, WallTime now) {
  Job* job = find(uid);
  if (job == nullptr || !is_final(job->state) || job->state == JobState::completed) return false;
  if (fence && *fence <= job->fence) return false;
  if (!fence && needs_new_fence(*job)) return false;
  std::erase_if(rows_, [&](const Row& row) { return row.uid == uid && row.text == "final"; });
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
  if (fence) raise_fence(*job, *fence);
  return true;
}

std::int64_t ReferenceQueue::requeue_dead(WallTime now) {
  std::int64_t count = 0;
  for (const JobState state : {JobState::failed, JobState::quarantined}) {
    for (const Job& job : jobs_) {
      if (job.state == state && job.fence == 0 && requeue(job.uid, std::nullopt, now)) ++count;
    }
  }
  return count;
}

void ReferenceQueue::settle(const std::string& uid, const std::string& text, Verdict verdict, WallTime now) {
  std::erase_if(rows_, [&](const Row& row) { return row.uid == uid && row.text == text && row.verdict; });
  for (Row& row : rows_) {
    if (row.uid != uid || row.text != text) continue;
    row.verdict = verdict;
    row.settled_at = now;
  }
}

bool ReferenceQueue::unsettle(std::size_t index) {
  Row& settled = rows_[index];
  const bool said_again = std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
    return row.uid == settled.uid && row.text == settled.text && !row.verdict;
  });
  if (said_again) {
    rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(index));
  } else {
    settled.verdict.reset();
  }
  return !said_again;
}

std::int64_t ReferenceQueue::resend(WallTime since) {
  std::int64_t count = 0;
  for (std::size_t i = rows_.size(); i-- > 0;) {
    const bool known = rows_[i].verdict == Verdict::applied || rows_[i].verdict == Verdict::duplicate;
    if (known && rows_[i].settled_at >= since && unsettle(i)) ++count;
  }
  return count;
}

std::int64_t ReferenceQueue::requeue_outbox() {
  std::int64_t count = 0;
  for (std::size_t i = rows_.size(); i-- > 0;) {
    if (rows_[i].verdict == Verdict::quarantined && unsettle(i)) ++count;
  }
  return count;
}

std::int64_t ReferenceQueue::prune(std::chrono::hours keep, std::chrono::hours keep_dead, WallTime now) {
  std::erase_if(rows_, [&](const Row& row) {
    return row.verdict && row.verdict != Verdict::quarantined && row.settled_at < now - options_.keep_settled;
  });
  std::vector<std::string> old;
  for (const Job& job : jobs_) {
    if (!is_final(job.state)) continue;
    const bool quarantined = has_rows(job.uid, Verdict::quarantined);
    const bool dead = job.state == JobState::failed || job.state == JobState::quarantined || quarantined;
    const bool needed = std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
      return row.uid == job.uid && row.verdict != Verdict::quarantined;
    });
    if (!needed && job.finished_at < now - (dead ? keep_dead : keep)) old.push_back(job.uid);
  }
  for (const std::string& uid : old) remove(uid);
  return static_cast<std::int64_t>(old.size());
}

std::vector<ReferenceQueue::Row> ReferenceQueue::rows(std::optional<Verdict> verdict) const {
  std::vector<Row> found;
  std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(found),
               [&](const Row& row) { return row.verdict == verdict; });
  return found;
}

bool ReferenceQueue::has_rows(const std::string& uid, std::optional<Verdict> verdict) const {
  return std::any_of(rows_.begin(), rows_.end(),
                     [&](const Row& row) { return row.uid == uid && row.verdict == verdict; });
}

void ReferenceQueue::set_priority(const std::string& uid, int priority) {
  if (Job* job = find(uid)) job->priority = priority;
}

bool ReferenceQueue::is_final_refused(const std::string& uid) const {
  return std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
    return row.uid == uid && row.text == "final" && row.verdict == Verdict::quarantined;
  });
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
