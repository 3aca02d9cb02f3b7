#include "queue/outbox_reads.h"

#include <string>

#include "queue/states.h"

namespace vivid::queue {
namespace {

// The columns that read_row() expects, in its order.
#define VIVID_OUTBOX_COLUMNS "o.seq, j.uid, j.fence, o.kind, o.stage, o.body, o.attempt, o.created_at"

OutboxRow read_row(const Cursor& row) {
  return {.seq = row.integer(0),
          .uid = row.string(1),
          .fence = row.integer(2),
          .kind = row.string(3),
          .stage = row.string(4),
          .body = row.string(5),
          .attempt = row.small(6),
          .created_at = row.time(7)};
}

}  // namespace

Result<std::vector<OutboxRow>> read_outbox(Database& database, int limit) {
  static constexpr const char* kSelect =
      "SELECT " VIVID_OUTBOX_COLUMNS " FROM outbox o JOIN job j ON j.id = o.job_id ORDER BY o.seq LIMIT ?";
  std::vector<OutboxRow> rows;
  Cursor row = database.use(kSelect);
  row.bind(limit);
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return rows;
    rows.push_back(read_row(row));
  }
}

Result<std::vector<QuarantinedRow>> read_quarantined(Database& database, int limit) {
  static constexpr const char* kSelect = "SELECT " VIVID_OUTBOX_COLUMNS
                                         ", o.settled_at, o.error FROM settled o CROSS JOIN job j ON j.id = o.job_id"
                                         " WHERE o.verdict = 'quarantined' ORDER BY o.seq LIMIT ?";
  std::vector<QuarantinedRow> rows;
  Cursor row = database.use(kSelect);
  row.bind(limit);
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return rows;
    rows.push_back({.row = read_row(row), .settled_at = row.time(8), .error = row.string(9)});
  }
}

#undef VIVID_OUTBOX_COLUMNS

Result<std::vector<HeldRequest>> read_held(Database& database) {
  static constexpr const char* kSelect =
      "SELECT uid, fence, state, cancel_requested, 0 FROM job WHERE fence > 0 AND finished_at IS NULL UNION ALL"
      " SELECT j.uid, j.fence, j.state, j.cancel_requested, 1 FROM (SELECT job_id FROM outbox UNION"
      " SELECT job_id FROM settled WHERE verdict = 'quarantined' AND kind = 'final') o"
      " CROSS JOIN job j ON j.id = o.job_id WHERE j.fence > 0 AND j.finished_at IS NOT NULL";
  std::vector<HeldRequest> held;
  Cursor row = database.use(kSelect);
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return held;
    held.push_back({.uid = row.string(0),
                    .fence = row.integer(1),
                    .state = job_state_from_text(row.text(2)),
                    .cancel_requested = row.integer(3) != 0,
                    .final_unsettled = row.integer(4) != 0});
  }
}

}  // namespace vivid::queue
