#include "queue/store.h"

#include <algorithm>

#include "queue/pauses.h"

namespace vivid::queue {
namespace {

Result<std::int64_t> read_integer(Database& database, const char* sql) {
  Cursor cursor = database.use(sql);
  VIVID_ASSIGN(const bool found, cursor.step());
  return found ? cursor.integer(0) : 0;
}

}  // namespace

std::string_view Tally::to_text(Kind kind) {
  switch (kind) {
    case Kind::job:
      return "job";
    case Kind::ready:
      return "ready";
    case Kind::delayed:
      return "delayed";
    case Kind::in_progress:
      return "in_progress";
  }
  return "";
}

void Tally::add(Kind kind, std::string_view name, std::int64_t difference) {
  for (Entry& entry : entries_) {
    if (entry.kind == kind && entry.name == name) {
      entry.difference += difference;
      return;
    }
  }
  entries_.push_back({kind, std::string(name), difference});
}

Status Tally::flush(Database& database) {
  static constexpr const char* kAdd =
      "INSERT INTO tally (kind, name, n) VALUES (?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET n = n + excluded.n";
  for (const Entry& entry : entries_) {
    if (entry.difference == 0) continue;
    VIVID_TRY(database.use(kAdd).bind(to_text(entry.kind), entry.name, entry.difference).run());
  }
  entries_.clear();
  return {};
}

bool Store::is_paused(std::string_view lane) const {
  return std::any_of(paused_lanes.begin(), paused_lanes.end(),
                     [&](const std::string& paused) { return paused.empty() || paused == lane; });
}

Status Store::reload() {
  static constexpr const char* kNewestSeq =
      "SELECT max(coalesce((SELECT max(seq) FROM outbox), 0), coalesce((SELECT max(seq) FROM settled), 0))";
  VIVID_ASSIGN(const std::int64_t job_id, read_integer(database, "SELECT max(id) FROM job"));
  VIVID_ASSIGN(const std::int64_t seq, read_integer(database, kNewestSeq));
  next_job_id = std::max(next_job_id, job_id + 1);
  next_outbox_seq = std::max(next_outbox_seq, seq + 1);
  VIVID_ASSIGN(paused_lanes, read_paused_lanes(database));
  return {};
}

}  // namespace vivid::queue
