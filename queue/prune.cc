#include "queue/commands.h"
#include "queue/job_rows.h"
#include "queue/states.h"

namespace vivid::queue {
namespace {

struct Ended {
  std::int64_t job_id = 0;
  JobState state = JobState::completed;
};

// Settled rows that one transaction removes.
constexpr int kRowsStep = 1'000;

Status remove_settled(Store& store, WallTime before, PruneCursor& cursor) {
  static constexpr const char* kDelete =
      "DELETE FROM settled WHERE seq IN (SELECT seq FROM settled WHERE settled_at < ? AND verdict <> 'quarantined'"
      " ORDER BY settled_at LIMIT ?)";
  VIVID_TRY(store.database.use(kDelete).bind(before, kRowsStep).run());
  cursor.rows_done = store.database.changes() < kRowsStep;
  return {};
}

}  // namespace

Result<std::int64_t> prune_some(Store& store, const PruneLimits& limits, PruneCursor& cursor, int limit) {
  static constexpr const char* kSelect =
      "SELECT id, state, finished_at, EXISTS (SELECT 1 FROM outbox o WHERE o.job_id = job.id)"
      " OR EXISTS (SELECT 1 FROM settled s WHERE s.job_id = job.id AND s.verdict <> 'quarantined'),"
      " EXISTS (SELECT 1 FROM settled s WHERE s.job_id = job.id) FROM job"
      " WHERE finished_at IS NOT NULL AND (finished_at, id) > (?, ?) ORDER BY finished_at, id LIMIT ?";
  PruneCursor next = cursor;
  if (!cursor.rows_done) {
    VIVID_TRY(remove_settled(store, limits.settled_before, cursor));
    return 0;
  }
  std::vector<Ended> removable;
  int seen = 0;
  {
    Cursor row = store.database.use(kSelect);
    row.bind(cursor.finished_at, cursor.job_id, limit);
    for (;;) {
      VIVID_ASSIGN(const bool found, row.step());
      if (!found) break;
      ++seen;
      next.finished_at = row.time(2);
      next.job_id = row.integer(0);
      const JobState state = job_state_from_text(row.text(1));
      const bool dead = state == JobState::failed || state == JobState::quarantined || row.integer(4) != 0;
      if (next.finished_at >= limits.before && next.finished_at >= limits.dead_before) {
        next.done = true;
        break;
      }
      const bool old = next.finished_at < (dead ? limits.dead_before : limits.before);
      const bool needed = row.integer(3) != 0;
      if (old && !needed) removable.push_back({next.job_id, state});
    }
  }
  for (const Ended& job : removable) VIVID_TRY(remove_job(store, job.job_id, job.state));
  next.done = next.done || seen < limit;
  cursor = next;
  return static_cast<std::int64_t>(removable.size());
}

}  // namespace vivid::queue
