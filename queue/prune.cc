#include "queue/commands.h"
#include "queue/schema.h"
#include "queue/states.h"

namespace vivid::queue {
namespace {

struct Ended {
  std::int64_t job_id = 0;
  JobState state = JobState::completed;
};

Status remove_job(Store& store, const Ended& job) {
  static constexpr const char* kAttempts = "DELETE FROM attempt WHERE stage_id >= ? AND stage_id < ?";
  static constexpr const char* kStages = "DELETE FROM stage WHERE id >= ? AND id < ?";
  static constexpr const char* kPayload = "DELETE FROM payload WHERE job_id = ?";
  static constexpr const char* kJob = "DELETE FROM job WHERE id = ?";
  const std::int64_t first = stage_id_of(job.job_id, 0);
  const std::int64_t end = stage_id_of(job.job_id + 1, 0);
  VIVID_TRY(store.database.use(kAttempts).bind(first, end).run());
  VIVID_TRY(store.database.use(kStages).bind(first, end).run());
  VIVID_TRY(store.database.use(kPayload).bind(job.job_id).run());
  VIVID_TRY(store.database.use(kJob).bind(job.job_id).run());
  store.tally.add(Tally::Kind::job, to_text(job.state), -1);
  return {};
}

}  // namespace

Result<std::int64_t> prune_some(Store& store, const PruneLimits& limits, PruneCursor& cursor, int limit) {
  static constexpr const char* kSelect =
      "SELECT id, state, finished_at, EXISTS (SELECT 1 FROM outbox o WHERE o.job_id = job.id) FROM job"
      " WHERE finished_at IS NOT NULL AND (finished_at, id) > (?, ?) ORDER BY finished_at, id LIMIT ?";
  PruneCursor next = cursor;
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
      const bool dead = state == JobState::failed || state == JobState::quarantined;
      if (next.finished_at >= limits.before && next.finished_at >= limits.dead_before) {
        next.done = true;
        break;
      }
      const bool old = next.finished_at < (dead ? limits.dead_before : limits.before);
      const bool needed = row.integer(3) != 0;
      if (old && !needed) removable.push_back({next.job_id, state});
    }
  }
  for (const Ended& job : removable) VIVID_TRY(remove_job(store, job));
  next.done = next.done || seen < limit;
  cursor = next;
  return static_cast<std::int64_t>(removable.size());
}

}  // namespace vivid::queue
