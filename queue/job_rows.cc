#include "queue/job_rows.h"

#include <vector>

#include "queue/schema.h"

namespace vivid::queue {
namespace {

struct ToldRow {
  std::int64_t seq = 0;
  bool settled = false;
};

Result<std::vector<ToldRow>> rows_to_tell_again(Store& store, std::int64_t job_id) {
  static constexpr const char* kSelect =
      "SELECT seq, 0 FROM outbox WHERE job_id = ? UNION ALL SELECT seq, 1 FROM settled WHERE job_id = ?"
      " AND verdict <> 'quarantined' AND NOT (kind = 'attempt' AND verdict IN ('applied', 'duplicate')) ORDER BY 1";
  std::vector<ToldRow> rows;
  Cursor row = store.database.use(kSelect);
  row.bind(job_id, job_id);
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return rows;
    rows.push_back({row.integer(0), row.integer(1) != 0});
  }
}

}  // namespace

Result<bool> has_unsettled_rows(Store& store, std::int64_t job_id) {
  static constexpr const char* kSelect = "SELECT 1 FROM outbox WHERE job_id = ? LIMIT 1";
  Cursor row = store.database.use(kSelect);
  row.bind(job_id);
  return row.step();
}

Result<bool> is_final_settled(Store& store, std::int64_t job_id) {
  static constexpr const char* kSelect =
      "SELECT 1 FROM outbox WHERE job_id = ? AND kind = 'final' UNION ALL"
      " SELECT 1 FROM settled WHERE job_id = ? AND kind = 'final' AND verdict = 'quarantined'";
  Cursor row = store.database.use(kSelect);
  row.bind(job_id, job_id);
  VIVID_ASSIGN(const bool waits, row.step());
  return !waits;
}

Status forget_final(Store& store, std::int64_t job_id) {
  static constexpr const char* kOutbox = "DELETE FROM outbox WHERE job_id = ? AND kind = 'final'";
  static constexpr const char* kSettled = "DELETE FROM settled WHERE job_id = ? AND kind = 'final'";
  VIVID_TRY(store.database.use(kOutbox).bind(job_id).run());
  return store.database.use(kSettled).bind(job_id).run();
}

Status raise_fence(Store& store, std::int64_t job_id, std::int64_t fence) {
  static constexpr const char* kFence = "UPDATE job SET fence = ? WHERE id = ?";
  static constexpr const char* kRenumber = "UPDATE outbox SET seq = ? WHERE seq = ?";
  // A row that was said again after it was settled is in both tables: the newer one counts.
  static constexpr const char* kMove =
      "INSERT OR IGNORE INTO outbox (seq, job_id, kind, stage, attempt, created_at, body)"
      " SELECT ?, job_id, kind, stage, attempt, created_at, body FROM settled WHERE seq = ?";
  static constexpr const char* kDelete = "DELETE FROM settled WHERE seq = ?";
  VIVID_TRY(store.database.use(kFence).bind(fence, job_id).run());
  VIVID_ASSIGN(const std::vector<ToldRow> rows, rows_to_tell_again(store, job_id));
  for (const ToldRow& row : rows) {
    VIVID_TRY(store.database.use(row.settled ? kMove : kRenumber).bind(store.next_outbox_seq++, row.seq).run());
    if (row.settled) VIVID_TRY(store.database.use(kDelete).bind(row.seq).run());
  }
  store.work_changed = true;
  return {};
}

Status remove_job(Store& store, std::int64_t job_id, JobState state) {
  static constexpr const char* kOutbox = "DELETE FROM outbox WHERE job_id = ?";
  static constexpr const char* kSettled = "DELETE FROM settled WHERE job_id = ?";
  static constexpr const char* kAttempts = "DELETE FROM attempt WHERE stage_id >= ? AND stage_id < ?";
  static constexpr const char* kStages = "DELETE FROM stage WHERE id >= ? AND id < ?";
  static constexpr const char* kPayload = "DELETE FROM payload WHERE job_id = ?";
  static constexpr const char* kJob = "DELETE FROM job WHERE id = ?";
  const std::int64_t first = stage_id_of(job_id, 0);
  const std::int64_t end = stage_id_of(job_id + 1, 0);
  VIVID_TRY(store.database.use(kOutbox).bind(job_id).run());
  VIVID_TRY(store.database.use(kSettled).bind(job_id).run());
  VIVID_TRY(store.database.use(kAttempts).bind(first, end).run());
  VIVID_TRY(store.database.use(kStages).bind(first, end).run());
  VIVID_TRY(store.database.use(kPayload).bind(job_id).run());
  VIVID_TRY(store.database.use(kJob).bind(job_id).run());
  store.tally.add(Tally::Kind::job, to_text(state), -1);
  return {};
}

}  // namespace vivid::queue
