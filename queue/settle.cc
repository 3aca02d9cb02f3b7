#include <string>

#include "queue/commands.h"

namespace vivid::queue {
namespace {

// Back under its number. False: the same was said again since, and the newer row counts.
Result<bool> unsettle(Store& store, std::int64_t seq) {
  static constexpr const char* kMove =
      "INSERT OR IGNORE INTO outbox (seq, job_id, kind, stage, attempt, created_at, body)"
      " SELECT seq, job_id, kind, stage, attempt, created_at, body FROM settled WHERE seq = ?";
  static constexpr const char* kDelete = "DELETE FROM settled WHERE seq = ?";
  VIVID_TRY(store.database.use(kMove).bind(seq).run());
  const bool moved = store.database.changes() > 0;
  VIVID_TRY(store.database.use(kDelete).bind(seq).run());
  store.work_changed = true;
  return moved;
}

}  // namespace

Status settle_rows(Store& store, const std::vector<Settlement>& settlements) {
  // An earlier row of the same kind, stage and attempt is replaced.
  static constexpr const char* kMove =
      "INSERT OR REPLACE INTO settled (seq, job_id, kind, stage, attempt, created_at, body, verdict, settled_at, error)"
      " SELECT seq, job_id, kind, stage, attempt, created_at, body, ?, ?, nullif(?, '') FROM outbox WHERE seq = ?";
  static constexpr const char* kDelete = "DELETE FROM outbox WHERE seq = ?";
  for (const Settlement& settlement : settlements) {
    VIVID_TRY(
        store.database.use(kMove).bind(to_text(settlement.verdict), store.now, settlement.error, settlement.seq).run());
    VIVID_TRY(store.database.use(kDelete).bind(settlement.seq).run());
  }
  return {};
}

Result<std::int64_t> resend_some(Store& store, WallTime until, ResendCursor& cursor, int limit) {
  static constexpr const char* kSelect =
      "SELECT settled_at, seq, verdict IN ('applied', 'duplicate') FROM settled WHERE verdict <> 'quarantined'"
      " AND (settled_at, seq) > (?, ?) AND settled_at <= ? ORDER BY settled_at, seq LIMIT ?";
  std::vector<std::int64_t> lost;
  int seen = 0;
  {
    Cursor row = store.database.use(kSelect);
    row.bind(cursor.settled_at, cursor.seq, until, limit);
    for (;;) {
      VIVID_ASSIGN(const bool found, row.step());
      if (!found) break;
      ++seen;
      cursor.settled_at = row.time(0);
      cursor.seq = row.integer(1);
      if (row.integer(2) != 0) lost.push_back(cursor.seq);
    }
  }
  cursor.done = seen < limit;
  std::int64_t count = 0;
  for (const std::int64_t seq : lost) {
    VIVID_ASSIGN(const bool moved, unsettle(store, seq));
    count += moved ? 1 : 0;
  }
  return count;
}

Result<std::int64_t> requeue_some_rows(Store& store, RequeueRowsCursor& cursor, int limit) {
  static constexpr const char* kSelect =
      "SELECT seq FROM settled WHERE verdict = 'quarantined' AND seq > ? ORDER BY seq LIMIT ?";
  std::vector<std::int64_t> rows;
  {
    Cursor row = store.database.use(kSelect);
    row.bind(cursor.seq, limit);
    for (;;) {
      VIVID_ASSIGN(const bool found, row.step());
      if (!found) break;
      rows.push_back(row.integer(0));
    }
  }
  if (cursor.only && (rows.empty() || rows.front() != *cursor.only)) {
    cursor.done = true;
    return fail(ErrorCode::not_found, "no quarantined outbox row has number " + std::to_string(*cursor.only));
  }
  cursor.done = cursor.only || rows.size() < static_cast<std::size_t>(limit);
  std::int64_t count = 0;
  for (const std::int64_t seq : rows) {
    VIVID_ASSIGN(const bool moved, unsettle(store, seq));
    count += moved ? 1 : 0;
    cursor.seq = seq;
  }
  return count;
}

}  // namespace vivid::queue
