#include "queue/summaries.h"

#include <algorithm>
#include <array>
#include <limits>

#include "queue/states.h"

namespace vivid::queue {
namespace {

// The columns that read_summary() expects, in its order. The stage is the first that has not ended.
#define VIVID_SUMMARY_COLUMNS                                                                                       \
  "j.id, j.uid, j.fence, j.correlation_id, j.class, j.priority, j.state, j.cancel_requested, j.created_at,"         \
  " j.started_at, j.finished_at, j.error_code, j.error_message, j.error_stage, s.name, s.used, s.run_at FROM job j" \
  " LEFT JOIN stage s ON j.finished_at IS NULL AND s.id = (SELECT t.id FROM stage t WHERE t.id >= j.id * 64"        \
  " AND t.id < j.id * 64 + 64 AND t.state IN ('pending', 'ready', 'in_progress') ORDER BY t.id LIMIT 1)"

JobSummary read_summary(const Cursor& row) {
  JobSummary summary;
  summary.job_id = row.integer(0);
  summary.uid = row.text(1);
  summary.fence = row.integer(2);
  summary.correlation_id = row.text(3);
  summary.job_class = row.text(4);
  summary.priority = row.small(5);
  summary.state = job_state_from_text(row.text(6));
  summary.cancel_requested = row.integer(7) != 0;
  summary.created_at = row.time(8);
  summary.started_at = row.optional_time(9);
  summary.finished_at = row.optional_time(10);
  summary.error_code = row.text(11);
  summary.error_message = row.text(12);
  summary.error_stage = row.text(13);
  summary.current_stage = row.text(14);
  summary.attempt = row.small(15);
  summary.run_at = row.optional_time(16);
  return summary;
}

Status append_rows(Cursor& row, std::vector<JobSummary>& into) {
  for (;;) {
    VIVID_ASSIGN(const bool found, row.step());
    if (!found) return {};
    into.push_back(read_summary(row));
  }
}

// Queued and completed jobs are found from the newest on; the others, which are few among them, by their index.
Status append_state(Database& database, JobState state, std::int64_t before, int limit, std::vector<JobSummary>& into) {
  static constexpr const char* kScan =
      "SELECT " VIVID_SUMMARY_COLUMNS " WHERE j.id < ? AND j.state = ? ORDER BY j.id DESC LIMIT ?";
  static constexpr const char* kNoted = "SELECT " VIVID_SUMMARY_COLUMNS
                                        " WHERE j.id < ? AND j.state = ? AND j.state IN"
                                        " ('running', 'failed', 'quarantined', 'cancelled')"
                                        " ORDER BY j.id DESC LIMIT ?";
  const bool scan = state == JobState::queued || state == JobState::completed;
  Cursor row = database.use(scan ? kScan : kNoted);
  row.bind(before, to_text(state), limit);
  return append_rows(row, into);
}

}  // namespace

Result<std::optional<JobHead>> find_job(Database& database, const std::string& uid) {
  static constexpr const char* kSelect = "SELECT id, state, run_at, fence, cancel_requested FROM job WHERE uid = ?";
  Cursor row = database.use(kSelect);
  row.bind(uid);
  VIVID_ASSIGN(const bool found, row.step());
  if (!found) return std::optional<JobHead>();
  return std::optional(JobHead{.id = row.integer(0),
                               .state = job_state_from_text(row.text(1)),
                               .run_at = row.time(2),
                               .fence = row.integer(3),
                               .cancel_requested = row.integer(4) != 0});
}

Result<JobSummary> summary_of(Database& database, std::int64_t job_id) {
  static constexpr const char* kSelect = "SELECT " VIVID_SUMMARY_COLUMNS " WHERE j.id = ?";
  Cursor row = database.use(kSelect);
  row.bind(job_id);
  VIVID_ASSIGN(const bool found, row.step());
  if (!found) return fail(ErrorCode::internal, "there is no job with number " + std::to_string(job_id));
  return read_summary(row);
}

Result<std::vector<JobSummary>> list_summaries(Database& database, const ListFilter& filter) {
  static constexpr const char* kAll = "SELECT " VIVID_SUMMARY_COLUMNS " WHERE j.id < ? ORDER BY j.id DESC LIMIT ?";
  const std::int64_t before =
      filter.before_job_id > 0 ? filter.before_job_id : std::numeric_limits<std::int64_t>::max();
  std::vector<JobSummary> jobs;
  if (filter.states.empty()) {
    Cursor row = database.use(kAll);
    row.bind(before, filter.limit);
    VIVID_TRY(append_rows(row, jobs));
    return jobs;
  }
  std::vector<JobState> states = filter.states;
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  for (const JobState state : states) VIVID_TRY(append_state(database, state, before, filter.limit, jobs));
  std::sort(jobs.begin(), jobs.end(), [](const JobSummary& a, const JobSummary& b) { return a.job_id > b.job_id; });
  if (jobs.size() > static_cast<std::size_t>(filter.limit)) jobs.resize(static_cast<std::size_t>(filter.limit));
  return jobs;
}

#undef VIVID_SUMMARY_COLUMNS

}  // namespace vivid::queue
