#include <algorithm>
#include <string>

#include "base/uuid.h"
#include "queue/commands.h"
#include "queue/job_rows.h"
#include "queue/outbox.h"
#include "queue/schema.h"
#include "queue/stage_flow.h"
#include "queue/states.h"
#include "queue/summaries.h"

namespace vivid::queue {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxCorrelationBytes = 256;
constexpr std::size_t kMaxPayloadBytes = 64 * 1024 * 1024;
// A payload up to this size lies in its job's row. A bigger one has a row of its own, or every change of the job's
// state would rewrite it.
constexpr std::size_t kInlinePayloadBytes = 512;

Status invalid(std::string message) { return fail(ErrorCode::invalid_input, std::move(message)); }

Status validate_name(const std::string& field, const std::string& name) {
  if (!name.empty() && name.size() <= kMaxNameBytes) return {};
  return invalid(field + " has " + std::to_string(name.size()) + " bytes, allowed are 1 to " +
                 std::to_string(kMaxNameBytes));
}

Status validate_stage(const StageSpec& stage, std::size_t index) {
  const std::string field = "stages[" + std::to_string(index) + "]";
  VIVID_TRY(validate_name(field + ".name", stage.name));
  VIVID_TRY(validate_name(field + ".lane", stage.lane));
  if (stage.limits.max_attempts < 1) {
    return invalid(field + ".limits.max_attempts is " + std::to_string(stage.limits.max_attempts) +
                   ", allowed is 1 or more");
  }
  if (stage.limits.start_to_close.count() <= 0 || stage.limits.silence.count() <= 0) {
    return invalid(field + ".limits: start_to_close and silence must be longer than 0 ms");
  }
  return {};
}

Status insert_stage(Store& store, std::int64_t job_id, int ordinal, const StageSpec& spec, std::int64_t rank,
                    std::optional<WallTime> first_run_at) {
  static constexpr const char* kInsert =
      "INSERT INTO stage (id, name, lane, rank, state, run_at, ready_since, critical, start_to_close_ms, silence_ms,"
      " max_attempts, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  StageState state = spec.skipped ? StageState::skipped : StageState::pending;
  std::optional<WallTime> run_at;
  std::optional<WallTime> ready_since;
  if (first_run_at) {
    const bool now = *first_run_at <= store.now;
    state = StageState::ready;
    ready_since = now ? store.now : *first_run_at;
    if (!now) run_at = first_run_at;
    store.tally.add(now ? Tally::Kind::ready : Tally::Kind::delayed, spec.lane, 1);
    store.work_changed = true;
  }
  const std::optional<WallTime> finished_at = spec.skipped ? std::optional(store.now) : std::nullopt;
  return store.database.use(kInsert)
      .bind(stage_id_of(job_id, ordinal), spec.name, spec.lane, rank, to_text(state), run_at, ready_since,
            spec.critical, spec.limits.start_to_close.count(), spec.limits.silence.count(), spec.limits.max_attempts,
            finished_at)
      .run();
}

// False: the uid is here already.
Result<bool> insert_job(Store& store, std::int64_t job_id, const NewJob& job, WallTime run_at) {
  static constexpr const char* kInsert =
      "INSERT INTO job (id, uid, fence, correlation_id, class, priority, created_at, run_at, deadline, time_limit,"
      " stage_count, state, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?) ON CONFLICT (uid) DO "
      "NOTHING";
  static constexpr const char* kInsertPayload = "INSERT INTO payload (job_id, body) VALUES (?, ?)";
  const auto time_limit = job.deadline ? std::optional((*job.deadline - run_at).count()) : std::nullopt;
  const bool is_inline = job.payload.size() <= kInlinePayloadBytes;
  const auto payload = is_inline ? std::optional<std::string_view>(job.payload) : std::nullopt;
  VIVID_TRY(store.database.use(kInsert)
                .bind(job_id, job.uid, job.fence, job.correlation_id, job.job_class, job.priority, store.now, run_at,
                      job.deadline, time_limit, job.stages.size(), payload)
                .run());
  if (store.database.changes() == 0) return false;
  if (!is_inline) VIVID_TRY(store.database.use(kInsertPayload).bind(job_id, job.payload).run());
  return true;
}

// The job under this uid keeps its place, takes the new fence, or makes room for `job` (nullopt).
Result<std::optional<SubmitResult>> settle_with_existing(Store& store, const NewJob& job) {
  VIVID_ASSIGN(const std::optional<JobHead> here, find_job(store.database, job.uid));
  if (!here) return fail(ErrorCode::internal, "job " + job.uid + " is neither new nor here");
  SubmitResult result{.created = false, .fence_raised = false, .job_id = here->id, .state = here->state};
  if (job.fence <= here->fence) return std::optional(result);
  if (!is_final(here->state)) {
    if (here->cancel_requested) {
      return fail(ErrorCode::unavailable, "job " + job.uid + " is still being cancelled under fence " +
                                              std::to_string(here->fence) + "; try again when it has ended");
    }
    VIVID_TRY(raise_fence(store, here->id, job.fence));
    result.fence_raised = true;
    return std::optional(result);
  }
  VIVID_ASSIGN(const bool unsettled, has_unsettled_rows(store, here->id));
  if (unsettled) {
    return fail(ErrorCode::unavailable, "job " + job.uid + ": results of fence " + std::to_string(here->fence) +
                                            " are not delivered yet; try again when they are");
  }
  VIVID_TRY(remove_job(store, here->id, here->state));
  return std::optional<SubmitResult>();
}

}  // namespace

Status validate(const NewJob& job) {
  const std::optional<Uuid> uid = Uuid::parse(job.uid);
  if (!uid || uid->to_text() != job.uid) return invalid("uid '" + job.uid + "' is not a lower-case UUID");
  if (job.correlation_id.size() > kMaxCorrelationBytes) {
    return invalid("correlation_id has " + std::to_string(job.correlation_id.size()) + " bytes, allowed are up to " +
                   std::to_string(kMaxCorrelationBytes));
  }
  if (job.job_class.size() > kMaxNameBytes) {
    return invalid("job_class has " + std::to_string(job.job_class.size()) + " bytes, allowed are up to " +
                   std::to_string(kMaxNameBytes));
  }
  if (job.priority < 0 || job.priority > 9) {
    return invalid("priority is " + std::to_string(job.priority) + ", allowed are 0 to 9");
  }
  if (job.fence < 0) return invalid("fence is " + std::to_string(job.fence) + ", allowed is 0 or more");
  if (job.payload.size() > kMaxPayloadBytes) {
    return fail(ErrorCode::too_large, "payload has " + std::to_string(job.payload.size()) +
                                          " bytes, allowed are up to " + std::to_string(kMaxPayloadBytes));
  }
  if (job.stages.empty() || job.stages.size() > static_cast<std::size_t>(kStagesPerJob)) {
    return invalid("stages has " + std::to_string(job.stages.size()) + " entries, allowed are 1 to " +
                   std::to_string(kStagesPerJob));
  }
  for (std::size_t i = 0; i < job.stages.size(); ++i) {
    VIVID_TRY(validate_stage(job.stages[i], i));
    const auto same = [&](const StageSpec& other) { return other.name == job.stages[i].name; };
    if (std::any_of(job.stages.begin(), job.stages.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      return invalid("stages[" + std::to_string(i) + "].name '" + job.stages[i].name + "' is there twice");
    }
  }
  return {};
}

Result<SubmitResult> submit_job(Store& store, const NewJob& job) {
  const WallTime run_at = std::max(job.run_at, store.now);
  const std::int64_t job_id = store.next_job_id++;
  VIVID_ASSIGN(const bool is_new, insert_job(store, job_id, job, run_at));
  if (!is_new) {
    VIVID_ASSIGN(const std::optional<SubmitResult> kept, settle_with_existing(store, job));
    if (kept) return *kept;
    VIVID_TRY(insert_job(store, job_id, job, run_at));
  }

  const std::int64_t rank = rank_of(store.options, run_at, job.priority);
  bool first = true;
  int ordinal = 0;
  for (const StageSpec& stage : job.stages) {
    const bool starts = first && !stage.skipped;
    VIVID_TRY(insert_stage(store, job_id, ordinal++, stage, rank, starts ? std::optional(run_at) : std::nullopt));
    if (starts) first = false;
  }
  store.tally.add(Tally::Kind::job, to_text(JobState::queued), 1);
  VIVID_TRY(put_accepted(store, job_id, job));
  SubmitResult result{.created = true, .fence_raised = false, .job_id = job_id, .state = JobState::queued};
  if (first) {  // every stage is skipped
    VIVID_TRY(end_job(store, {.job_id = job_id, .from = JobState::queued, .to = JobState::completed}));
    result.state = JobState::completed;
  }
  return result;
}

}  // namespace vivid::queue
