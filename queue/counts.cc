#include "queue/counts.h"

#include <algorithm>
#include <string>

#include "queue/states.h"

namespace vivid::queue {
namespace {

Counts::LaneCount& lane_of(Counts& counts, std::string_view name) {
  for (Counts::LaneCount& lane : counts.lanes) {
    if (lane.lane == name) return lane;
  }
  counts.lanes.push_back({.lane = std::string(name)});
  return counts.lanes.back();
}

Status read_tally(Database& database, Counts& counts) {
  static constexpr const char* kSelect = "SELECT kind, name, n FROM tally ORDER BY name";
  for (int state = 0; state <= static_cast<int>(JobState::cancelled); ++state) {
    counts.jobs.emplace_back(static_cast<JobState>(state), 0);
  }
  Cursor row = database.use(kSelect);
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return {};
    const std::string_view kind = row.text(0);
    const std::int64_t n = row.integer(2);
    if (kind == "job") {
      counts.jobs[static_cast<std::size_t>(job_state_from_text(row.text(1)))].second = n;
      continue;
    }
    Counts::LaneCount& lane = lane_of(counts, row.text(1));
    if (kind == "ready") lane.ready = n;
    if (kind == "delayed") lane.delayed = n;
    if (kind == "in_progress") lane.in_progress = n;
  }
}

// Stages whose time has come, but which no claim has moved yet.
Status move_due(Database& database, WallTime now, Counts& counts) {
  static constexpr const char* kDue =
      "SELECT lane, count(*), min(ready_since) FROM stage WHERE run_at IS NOT NULL AND run_at <= ? GROUP BY lane";
  Cursor row = database.use(kDue);
  row.bind(now);
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return {};
    Counts::LaneCount& lane = lane_of(counts, row.text(0));
    lane.ready += row.integer(1);
    lane.delayed -= row.integer(1);
    const WallTime since = row.time(2);
    counts.oldest_ready_since = std::min(counts.oldest_ready_since.value_or(since), since);
  }
}

Status read_oldest_ready(Database& database, Counts& counts) {
  static constexpr const char* kOldest =
      "SELECT min(ready_since) FROM (SELECT ready_since FROM stage WHERE lane = ? AND state = 'ready'"
      " AND run_at IS NULL ORDER BY rank LIMIT 1000)";
  for (const Counts::LaneCount& lane : counts.lanes) {
    Cursor row = database.use(kOldest);
    row.bind(lane.lane);
    VIVID_ASSIGN(const bool found, row.step());
    if (!found || row.is_null(0)) continue;
    const WallTime since = row.time(0);
    counts.oldest_ready_since = std::min(counts.oldest_ready_since.value_or(since), since);
  }
  return {};
}

Status read_outbox(Database& database, Counts& counts) {
  static constexpr const char* kRows = "SELECT count(*) FROM outbox";
  static constexpr const char* kQuarantined = "SELECT count(*) FROM settled WHERE verdict = 'quarantined'";
  static constexpr const char* kOldest = "SELECT created_at FROM outbox ORDER BY seq LIMIT 1";
  Cursor rows = database.use(kRows);
  VIVID_ASSIGN(const bool counted, rows.step());
  if (counted) counts.outbox_rows = rows.integer(0);
  Cursor quarantined = database.use(kQuarantined);
  VIVID_ASSIGN(const bool known, quarantined.step());
  if (known) counts.outbox_quarantined = quarantined.integer(0);
  Cursor oldest = database.use(kOldest);
  VIVID_ASSIGN(const bool found, oldest.step());
  if (found) counts.oldest_outbox_at = oldest.time(0);
  return {};
}

}  // namespace

Result<Counts> read_counts(Database& database, WallTime now) {
  Counts counts;
  VIVID_TRY(read_tally(database, counts));
  VIVID_TRY(move_due(database, now, counts));
  VIVID_TRY(read_oldest_ready(database, counts));
  VIVID_TRY(read_outbox(database, counts));
  return counts;
}

}  // namespace vivid::queue
