#include "daemon/pipeline/progress_board.h"

#include <algorithm>
#include <array>

namespace vivid::daemon {
namespace {

constexpr std::chrono::milliseconds kTellInterval{1'000};

// Roughly how much of a job's time each stage takes, in the order of all_stages(): for a bar that moves evenly.
constexpr std::array<double, 9> kPercentBefore{0, 1, 3, 15, 20, 88, 94, 99, 100};

double whole_percent(int ordinal, double fraction) {
  const auto index = static_cast<std::size_t>(std::clamp(ordinal, 0, static_cast<int>(kPercentBefore.size()) - 2));
  return kPercentBefore[index] + (kPercentBefore[index + 1] - kPercentBefore[index]) * std::clamp(fraction, 0.0, 1.0);
}

}  // namespace

void ProgressBoard::stage_started(const queue::Lease& lease) {
  JobProgress& job = jobs_[lease.uid];
  job.uid = lease.uid;
  job.fence = lease.fence;
  job.state = to_text(queue::JobState::running);
  job.stage = lease.stage;
  job.attempt = lease.key.attempt;
  job.stage_progress = {};
  job.remaining_seconds.reset();
  job.percent = whole_percent(lease.ordinal, 0.0);
  job.stage_started = job.last_told = clock_.steady_now();
  tell_(job);
}

void ProgressBoard::progressed(const queue::Lease& lease, const render::Progress& progress) {
  const auto found = jobs_.find(lease.uid);
  if (found == jobs_.end()) return;
  JobProgress& job = found->second;
  const SteadyTime now = clock_.steady_now();
  job.stage_progress = progress;
  job.percent = whole_percent(lease.ordinal, progress.fraction);
  if (progress.fraction > 0.0) {
    const double spent = std::chrono::duration<double>(now - job.stage_started).count();
    job.remaining_seconds = spent * (1.0 - progress.fraction) / progress.fraction;
  }
  if (now - job.last_told < kTellInterval) return;
  job.last_told = now;
  tell_(job);
}

void ProgressBoard::stage_ended(const queue::Lease& lease, queue::JobState state) {
  if (is_final(state)) return changed(lease.uid, state);
  const auto found = jobs_.find(lease.uid);
  if (found == jobs_.end()) return;
  found->second.state = to_text(state);
  tell_(found->second);
}

void ProgressBoard::changed(const std::string& uid, queue::JobState state) {
  JobProgress job;
  if (const auto found = jobs_.find(uid); found != jobs_.end()) job = found->second;
  job.uid = uid;
  job.state = to_text(state);
  job.remaining_seconds.reset();
  if (state == queue::JobState::completed) {
    job.percent = 100.0;
    job.stage_progress.fraction = 1.0;
  }
  if (is_final(state)) jobs_.erase(uid);
  tell_(job);
}

const JobProgress* ProgressBoard::find(const std::string& uid) const {
  const auto found = jobs_.find(uid);
  return found == jobs_.end() ? nullptr : &found->second;
}

}  // namespace vivid::daemon
