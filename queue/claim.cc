#include <algorithm>
#include <string>

#include "queue/commands.h"
#include "queue/schema.h"
#include "queue/stage_flow.h"
#include "queue/states.h"

namespace vivid::queue {
namespace {

// Bounds what one transaction does beside handing out leases.
constexpr int kMaxPromotions = 1'000;
constexpr int kMaxExpired = 256;

struct Candidate {
  ActiveStage stage;
  Lease lease;
  bool payload_apart = false;
};

// Delayed stages whose time has come move to the ready index. Once a batch is enough: its time stands still.
Status promote_due(Store& store) {
  static constexpr const char* kSelect =
      "SELECT id, lane FROM stage WHERE run_at IS NOT NULL AND run_at <= ? ORDER BY run_at LIMIT ?";
  static constexpr const char* kPromote = "UPDATE stage SET run_at = NULL WHERE id = ?";
  if (store.promoted) return {};
  store.promoted = true;
  std::vector<std::int64_t> due;
  {
    Cursor row = store.database.use(kSelect);
    row.bind(store.now, kMaxPromotions);
    for (;;) {
      VIVID_ASSIGN(const bool found, row.step());
      if (!found) break;
      due.push_back(row.integer(0));
      store.tally.add(Tally::Kind::delayed, row.text(1), -1);
      store.tally.add(Tally::Kind::ready, row.text(1), 1);
    }
  }
  for (const std::int64_t id : due) VIVID_TRY(store.database.use(kPromote).bind(id).run());
  // The rest is taken by the claims that the listener's call leads to.
  if (!due.empty()) store.work_changed = true;
  return {};
}

Candidate read_candidate(const Cursor& row, const std::string& lane) {
  Candidate candidate;
  ActiveStage& stage = candidate.stage;
  stage.stage_id = row.integer(0);
  stage.job_id = job_id_of(stage.stage_id);
  stage.ordinal = ordinal_of(stage.stage_id);
  stage.name = row.text(1);
  stage.lane = lane;
  stage.attempt = row.small(2);
  stage.crashes = row.small(3);
  stage.ready_since = row.time(4);
  stage.job_state = job_state_from_text(row.text(5));
  stage.deadline = row.optional_time(6);

  Lease& lease = candidate.lease;
  lease.key = {stage.stage_id, stage.attempt + 1};
  lease.job_id = stage.job_id;
  lease.uid = row.text(7);
  lease.fence = stage.fence = row.integer(8);
  lease.correlation_id = row.text(9);
  lease.job_class = row.text(10);
  lease.crashes = row.small(11);
  lease.limits.start_to_close = std::chrono::milliseconds(row.integer(12));
  lease.limits.silence = std::chrono::milliseconds(row.integer(13));
  lease.limits.max_attempts = row.small(14);
  candidate.payload_apart = row.is_null(15);
  if (!candidate.payload_apart) lease.payload = row.text(15);
  lease.stage = stage.name;
  lease.lane = lane;
  lease.ordinal = stage.ordinal;
  lease.deadline = stage.deadline;
  lease.ready_since = stage.ready_since;
  return candidate;
}

Result<std::vector<Candidate>> best_ranked(Store& store, const std::string& lane, int limit) {
  static constexpr const char* kSelect =
      "SELECT s.id, s.name, s.attempt, s.crashes, s.ready_since, j.state, j.deadline, j.uid, j.fence, j.correlation_id,"
      " j.class, j.crashes, s.start_to_close_ms, s.silence_ms, s.max_attempts, j.payload"
      " FROM stage s CROSS JOIN job j ON j.id = s.id / 64"
      " WHERE s.lane = ? AND s.state = 'ready' AND s.run_at IS NULL ORDER BY s.rank, s.id LIMIT ?";
  std::vector<Candidate> candidates;
  Cursor row = store.database.use(kSelect);
  row.bind(lane, limit);
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return candidates;
    candidates.push_back(read_candidate(row, lane));
  }
}

Status expire(Store& store, ActiveStage& stage) {
  const Error error{ErrorCode::overall_deadline, "the request's deadline " + to_iso8601(*stage.deadline) +
                                                     " passed while " + stage.name + " waited to run"};
  VIVID_TRY(end_stage(store, stage, StageState::failed, "", &error, /*leased=*/false));
  return end_job(store, {.job_id = stage.job_id,
                         .from = stage.job_state,
                         .to = JobState::failed,
                         .error = &error,
                         .error_stage = stage.name});
}

Status lease_out(Store& store, Candidate& candidate, const Holder& holder) {
  static constexpr const char* kLease =
      "UPDATE stage SET state = 'in_progress', attempt = attempt + 1, used = used + 1, boot_id = ?, holder_pid = ?,"
      " holder_start_ticks = ?, started_at = ? WHERE id = ?";
  static constexpr const char* kStartJob = "UPDATE job SET state = 'running', started_at = ? WHERE id = ?";
  static constexpr const char* kPayload = "SELECT body FROM payload WHERE job_id = ?";
  const ActiveStage& stage = candidate.stage;
  VIVID_TRY(
      store.database.use(kLease).bind(store.boot_id, holder.pid, holder.start_ticks, store.now, stage.stage_id).run());
  store.tally.add(Tally::Kind::ready, stage.lane, -1);
  store.tally.add(Tally::Kind::in_progress, stage.lane, 1);
  if (stage.job_state == JobState::queued) {
    VIVID_TRY(store.database.use(kStartJob).bind(store.now, stage.job_id).run());
    store.tally.add(Tally::Kind::job, to_text(JobState::queued), -1);
    store.tally.add(Tally::Kind::job, to_text(JobState::running), 1);
  }
  if (!candidate.payload_apart) return {};
  Cursor row = store.database.use(kPayload);
  row.bind(stage.job_id);
  VIVID_ASSIGN(const bool found, row.step());
  if (found) candidate.lease.payload = row.text(0);
  return {};
}

}  // namespace

Result<std::vector<Lease>> claim_stages(Store& store, const std::string& lane, const Holder& holder, int limit) {
  std::vector<Lease> leases;
  if (store.is_paused(lane)) return leases;
  VIVID_TRY(promote_due(store));
  int expired = 0;
  while (static_cast<int>(leases.size()) < limit && expired < kMaxExpired) {
    const int missing = limit - static_cast<int>(leases.size());
    VIVID_ASSIGN(std::vector<Candidate> candidates, best_ranked(store, lane, missing));
    for (Candidate& candidate : candidates) {
      if (candidate.stage.deadline && *candidate.stage.deadline <= store.now) {
        VIVID_TRY(expire(store, candidate.stage));
        ++expired;
        continue;
      }
      VIVID_TRY(lease_out(store, candidate, holder));
      leases.push_back(std::move(candidate.lease));
    }
    if (static_cast<int>(candidates.size()) < missing) break;
  }
  return leases;
}

}  // namespace vivid::queue
