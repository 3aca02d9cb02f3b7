#include "queue/reads.h"

#include <utility>

#include "queue/counts.h"
#include "queue/outbox_reads.h"
#include "queue/pauses.h"
#include "queue/schema.h"
#include "queue/summaries.h"
#include "queue/views.h"

namespace vivid::queue {
namespace {

constexpr std::size_t kMaxIdle = 4;

}  // namespace

Result<std::unique_ptr<Database>> Reads::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Database> database = std::move(idle_.back());
      idle_.pop_back();
      return database;
    }
  }
  return open_reader(options_);
}

void Reads::give_back(std::unique_ptr<Database> database) {
  // One that failed is closed: what it holds may be of a file that is gone.
  if (database->failed() || database->in_transaction()) return;
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(database));
}

void Reads::forget_connections() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

template <typename Query>
auto Reads::read(Query query) -> decltype(query(std::declval<Database&>())) {
  VIVID_ASSIGN(std::unique_ptr<Database> database, borrow());
  VIVID_TRY(database->use("BEGIN").run());
  auto result = query(*database);
  VIVID_TRY(database->use("COMMIT").run());
  give_back(std::move(database));
  return result;
}

Result<std::optional<JobView>> Reads::find(const std::string& uid) {
  return read([&](Database& database) { return view_job(database, uid); });
}

Result<std::optional<JobSummary>> Reads::summary(const std::string& uid) {
  return read([&](Database& database) -> Result<std::optional<JobSummary>> {
    VIVID_ASSIGN(const std::optional<JobHead> job, find_job(database, uid));
    if (!job) return std::optional<JobSummary>();
    VIVID_ASSIGN(JobSummary found, summary_of(database, job->id));
    return std::optional(std::move(found));
  });
}

Result<std::optional<JobState>> Reads::state_of(const std::string& uid) {
  return read([&](Database& database) -> Result<std::optional<JobState>> {
    VIVID_ASSIGN(const std::optional<JobHead> job, find_job(database, uid));
    return job ? std::optional(job->state) : std::nullopt;
  });
}

Result<std::vector<std::string>> Reads::uids_beginning_with(const std::string& prefix, int limit) {
  static constexpr const char* kSelect = "SELECT uid FROM job WHERE uid >= ? AND uid < ? ORDER BY uid LIMIT ?";
  return read([&](Database& database) -> Result<std::vector<std::string>> {
    std::vector<std::string> uids;
    Cursor row = database.use(kSelect);
    // Behind every digit and dash that an id can have there.
    const std::string end = prefix + '~';
    row.bind(prefix, end, limit);
    for (;;) {
      VIVID_ASSIGN(const bool found, row.step());
      if (!found) return uids;
      uids.push_back(row.string(0));
    }
  });
}

Result<std::vector<JobSummary>> Reads::list(const ListFilter& filter) {
  return read([&](Database& database) { return list_summaries(database, filter); });
}

Result<Counts> Reads::counts() {
  const WallTime now = clock_.now();
  return read([&](Database& database) { return read_counts(database, now); });
}

Result<std::vector<std::string>> Reads::paused_lanes() {
  return read([&](Database& database) { return read_paused_lanes(database); });
}

Result<std::vector<OutboxRow>> Reads::outbox(int limit) {
  return read([&](Database& database) { return read_outbox(database, limit); });
}

Result<std::vector<QuarantinedRow>> Reads::quarantined_outbox(int limit) {
  return read([&](Database& database) { return read_quarantined(database, limit); });
}

Result<std::vector<HeldRequest>> Reads::held() {
  return read([&](Database& database) { return read_held(database); });
}

Result<std::vector<std::string>> Reads::cancel_requested() {
  static constexpr const char* kSelect =
      "SELECT uid FROM job WHERE cancel_requested = 1 AND finished_at IS NULL ORDER BY id";
  return read([&](Database& database) -> Result<std::vector<std::string>> {
    std::vector<std::string> uids;
    Cursor row = database.use(kSelect);
    for (;;) {
      VIVID_ASSIGN(const bool found, row.step());
      if (!found) return uids;
      uids.push_back(row.string(0));
    }
  });
}

Result<std::vector<Survivor>> Reads::survivors() {
  static constexpr const char* kSelect =
      "SELECT s.id, s.attempt, j.uid, s.name, s.holder_pid, s.holder_start_ticks, j.correlation_id"
      " FROM stage s"
      " JOIN job j ON j.id = s.id / 64 WHERE s.boot_id IS NOT NULL AND s.boot_id <> ? ORDER BY s.id";
  return read([&](Database& database) -> Result<std::vector<Survivor>> {
    std::vector<Survivor> survivors;
    Cursor row = database.use(kSelect);
    row.bind(boot_id_);
    for (;;) {
      VIVID_ASSIGN(const bool found, row.step());
      if (!found) return survivors;
      survivors.push_back({.key = {row.integer(0), row.small(1)},
                           .uid = row.string(2),
                           .stage = row.string(3),
                           .holder = {row.small(4), static_cast<std::uint64_t>(row.integer(5))},
                           .correlation_id = row.string(6)});
    }
  });
}

Result<std::optional<WallTime>> Reads::next_run_at() {
  static constexpr const char* kSelect = "SELECT run_at FROM stage WHERE run_at IS NOT NULL ORDER BY run_at LIMIT 1";
  return read([&](Database& database) -> Result<std::optional<WallTime>> {
    Cursor row = database.use(kSelect);
    VIVID_ASSIGN(const bool found, row.step());
    return found ? std::optional(row.time(0)) : std::nullopt;
  });
}

Result<std::vector<std::pair<std::string, std::string>>> Reads::stage_results(const std::string& uid) {
  return read([&](Database& database) { return read_stage_results(database, uid); });
}

}  // namespace vivid::queue
