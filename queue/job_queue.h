// The durable local queue: jobs made of stages, leases, attempts, retries, dead letters and the outbox, in one SQLite
// file. A call's answer comes after the transaction that holds it is on disk; many callers share one commit.
//
// Threads: every method may be called from any thread. Commands run on the queue's own thread, the only writer; a
// completion is called on that thread (a command that is refused unseen, because too many wait or the queue is
// suspended, is answered inside the call), must not block and must not throw. Reads (find, list, counts …) run on the
// calling thread with a read connection and block on the disk, so not on an event loop.
// Ownership: the queue owns its thread and file; the destructor finishes what was posted, then closes.
// Errors: disk_full and io_error mean nothing of that command was kept. After one the queue is `suspended`: it answers
// every command with the same error, reopens by itself, and then calls the listener. Should the process be killed
// before that, a command that failed in its last write may still turn out done, as after any answer that was lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/error.h"

namespace vivid::queue {

enum class JobState { queued, running, completed, failed, quarantined, cancelled };
enum class StageState { pending, ready, in_progress, completed, skipped, failed, cancelled };
// What became of an outbox row. applied, duplicate, stale, unknown: the central database's answer (unknown: it has no
// such request). local: nobody is to be told. quarantined: the central database refuses the row's content.
enum class Verdict { applied, duplicate, stale, unknown, local, quarantined };
std::string_view to_text(JobState state);
std::string_view to_text(StageState state);
std::string_view to_text(Verdict verdict);
// completed, failed, quarantined, cancelled.
bool is_final(JobState state);

struct StageLimits {
  std::chrono::milliseconds start_to_close{600'000};
  std::chrono::milliseconds silence{60'000};
  int max_attempts = 3;
};

struct StageSpec {
  std::string name;  // validation, script_generation, …
  std::string lane;  // cpu, render, net: what bounds how many run at once
  StageLimits limits;
  bool skipped = false;  // recorded, never run
  bool critical = true;  // when false its failure is recorded and the job goes on
};

struct NewJob {
  std::string uid;         // request id, canonical UUID text; the same twice is one job
  std::int64_t fence = 0;  // of the claim in the central database; 0: submitted here. A higher one: see submit()
  std::string correlation_id;
  std::string job_class;  // for counting: video, audio, images
  int priority = 5;       // 0 (last) … 9 (first); each step is worth Options::priority_step of waiting
  WallTime run_at{};      // not before; zero: now
  std::optional<WallTime> deadline;
  std::string payload;  // the whole input, JSON; kept until pruned
  std::vector<StageSpec> stages;
};

// Who holds a lease: pid and start time (clock ticks since boot, /proc/PID/stat field 22) of the process group that
// does the work, so that a later daemon can tell a survivor from a stranger with a reused pid. pid 0: the daemon
// itself.
struct Holder {
  std::int32_t pid = 0;
  std::uint64_t start_ticks = 0;
};

// Names one attempt of one stage. A write with an attempt that is no longer the live one answers lease_lost.
struct LeaseKey {
  std::int64_t stage_id = 0;
  int attempt = 0;
};

struct Lease {
  LeaseKey key;
  std::int64_t job_id = 0;
  std::string uid;
  std::int64_t fence = 0;
  std::string correlation_id;
  std::string job_class;
  std::string stage;
  std::string lane;
  int ordinal = 0;
  int crashes = 0;
  StageLimits limits;
  std::optional<WallTime> deadline;
  WallTime ready_since;  // when this stage could first have run: queue wait is claim time minus this
  std::string payload;
};

struct SubmitResult {
  bool created = false;       // false: this uid was already here, and its stages and results stay
  bool fence_raised = false;  // with created = false: the job that is here now has the new fence
  std::int64_t job_id = 0;
  JobState state = JobState::queued;
};

// What became of a stage and its job after complete, fail or crash.
struct StageOutcome {
  StageState stage_state = StageState::completed;
  JobState job_state = JobState::running;
  std::optional<WallTime> retry_at;
};

enum class CancelResult { cancelled, cancel_requested, already_final, not_found };

// A message to the central database. Unique per job, kind, stage and attempt: saying a thing again replaces the row
// under a new number, so that a settlement of the old one leaves it alone.
struct OutboxRow {
  std::int64_t seq = 0;
  std::string uid;
  std::int64_t fence = 0;  // of the job as it is now
  std::string kind;        // accepted, attempt, stage, final; queue/outbox.h says what each holds
  std::string stage;       // empty for kinds that are not about a stage
  std::string body;        // JSON
  // Of the kinds attempt and stage, since a stage that was taken back ends more than once; else 0. Also 0 for a stage
  // that ended without having run.
  int attempt = 0;
  WallTime created_at;
};

struct Settlement {
  std::int64_t seq = 0;
  Verdict verdict = Verdict::applied;
  std::string error;  // why it was quarantined
};

struct QuarantinedRow {
  OutboxRow row;
  WallTime settled_at;
  std::string error;
};

// What this host still answers for in the central database; see JobQueue::held.
struct HeldRequest {
  std::string uid;
  std::int64_t fence = 0;
  JobState state = JobState::queued;
  bool cancel_requested = false;
  bool final_unsettled = false;  // over, and rows of it wait for a verdict, or its final row is quarantined
};

struct JobSummary {
  std::int64_t job_id = 0;
  std::string uid;
  std::int64_t fence = 0;
  std::string correlation_id;
  std::string job_class;
  int priority = 0;
  JobState state = JobState::queued;
  bool cancel_requested = false;
  std::string current_stage;  // empty when final
  int attempt = 0;
  WallTime created_at;
  std::optional<WallTime> started_at;
  std::optional<WallTime> finished_at;
  std::optional<WallTime> run_at;  // of the current stage, when in the future
  // Why it ended, when it did not complete; or, while it still runs, why it is to be cancelled.
  std::string error_code;
  std::string error_message;
  std::string error_stage;
};

struct StageView {
  std::string name;
  std::string lane;
  int ordinal = 0;
  StageState state = StageState::pending;
  int attempts = 0;
  int crashes = 0;
  std::optional<WallTime> started_at;
  std::optional<WallTime> finished_at;
  std::optional<WallTime> run_at;
  std::string result;  // JSON given to complete()
  std::string error_code;
  std::string error_message;
};

struct AttemptView {
  std::string stage;
  int attempt = 0;
  WallTime ready_since;
  WallTime started_at;
  std::optional<WallTime> finished_at;
  std::string outcome;  // completed, an error code, snoozed, released; empty while it runs
  std::string message;
  std::string detail;  // JSON: where the time went
};

struct JobView {
  JobSummary summary;
  std::string payload;
  std::optional<WallTime> deadline;
  std::vector<StageView> stages;
  std::vector<AttemptView> attempts;
};

struct ListFilter {
  std::vector<JobState> states;  // empty: all
  int limit = 100;
  std::int64_t before_job_id = 0;  // page: only older ones; 0: from the newest
};

struct Counts {
  std::vector<std::pair<JobState, std::int64_t>> jobs;
  struct LaneCount {
    std::string lane;
    std::int64_t ready = 0;    // could run now
    std::int64_t delayed = 0;  // run_at in the future
    std::int64_t in_progress = 0;
  };
  std::vector<LaneCount> lanes;
  std::optional<WallTime> oldest_ready_since;
  std::int64_t outbox_rows = 0;  // unsettled
  std::optional<WallTime> oldest_outbox_at;
  std::int64_t outbox_quarantined = 0;
};

// A stage that an earlier daemon process left in progress; see JobQueue::survivors.
struct Survivor {
  LeaseKey key;
  std::string uid;
  std::string stage;
  Holder holder;
  std::string correlation_id;
};

struct Options {
  std::filesystem::path path;
  int max_crashes = 3;  // the one that reaches it quarantines the job
  std::chrono::milliseconds priority_step{60'000};
  std::chrono::hours keep_settled{24};  // settled outbox rows stay this long: resend_outbox() may want them
  BackoffOptions retry{std::chrono::milliseconds(2'000), std::chrono::milliseconds(300'000), 2.0};
  BackoffOptions reopen{std::chrono::milliseconds(200), std::chrono::milliseconds(30'000), 2.0};
  std::size_t max_batch_rows = 512;
  std::size_t max_batch_bytes = 4 * 1024 * 1024;
  // Beyond these a command is answered resource_exhausted; one that waits alone may be of any size.
  std::size_t max_waiting_commands = 65'536;
  std::size_t max_waiting_bytes = 128 * 1024 * 1024;
  std::uint64_t seed = 0;  // of the retry jitter; 0: from the kernel
  std::string vfs;         // SQLite VFS name; empty: the default
};

template <typename T>
using Completion = std::function<void(Result<T>)>;

class JobQueue {
 public:
  // Opens or creates the file, takes its flock, migrates its schema, verifies WAL and synchronous=FULL.
  // `clock` must outlive the queue.
  static Result<std::unique_ptr<JobQueue>> open(Options options, const Clock& clock);
  virtual ~JobQueue() = default;

  // Called on the queue thread after each commit that may have made a stage claimable, ended or cancelled a job, or put
  // rows into the outbox.
  // Set before the first command.
  virtual void set_listener(std::function<void()> work_may_be_ready) = 0;

  // --- Commands ------------------------------------------------------------------------------------------------------
  // A uid that is here already is left as it is, unless the fence is higher than before: the central database has
  // handed the request out anew. A job that is over then starts afresh from `job`, all that was of it replaced; one
  // that goes on keeps its stages and results, and tells them again under the new fence. unavailable, to be tried again
  // later: rows of a job that is over wait for a verdict, or one that is to be cancelled still runs.
  virtual void submit(NewJob job, Completion<SubmitResult> done) = 0;
  // Up to `limit` ready stages of `lane`, best rank first; counts the attempt. Empty while the lane is paused.
  virtual void claim(std::string lane, Holder holder, int limit, Completion<std::vector<Lease>> done) = 0;
  // `result` is kept on the stage (JSON); `detail` on the attempt. Makes the next stage ready, or ends the job. The
  // outbox rows for the stage (and for the job when it ends) are in the same commit.
  virtual void complete(LeaseKey key, std::string result, std::string detail, Completion<StageOutcome> done) = 0;
  // Decides by disposition_of(error.code): retry with jitter, fail, quarantine, or cancel.
  virtual void fail(LeaseKey key, Error error, std::string detail, Completion<StageOutcome> done) = 0;
  // Gives the attempt back: it is not counted. For waits that are nobody's fault, and for draining (until = now).
  virtual void snooze(LeaseKey key, WallTime until, std::string reason, Completion<StageOutcome> done) = 0;
  // What an earlier stage left is missing or broken: back to that stage, which and all after it run again. The attempt
  // counts as failed with `error`; when none is left the job fails with it. invalid_input if `stage` is no completed
  // stage before this one.
  virtual void rewind(LeaseKey key, std::string stage, Error error, Completion<StageOutcome> done) = 0;
  // Not started stages end at once. A running one is marked; whoever runs it sees cancel_requested() and must stop it,
  // then fail(key, cancelled). `reason` is kept as the job's error; of several requests the first one's. With
  // lease_lost the central database is not told of the end: the request is somebody else's.
  virtual void cancel(std::string uid, Error reason, Completion<CancelResult> done) = 0;
  void cancel(std::string uid, Completion<CancelResult> done) {
    cancel(std::move(uid), {ErrorCode::cancelled, "cancelled on request"}, std::move(done));
  }
  // Failed, quarantined or cancelled: back to its first unfinished stage with fresh attempts. not_found otherwise. Once
  // the central database has the final state of a job with a fence (no final row of it waits for a verdict or is
  // quarantined), the job needs the higher `fence` that a new claim there gives: unsupported without one. invalid_input
  // for one that is not higher.
  virtual void requeue(std::string uid, std::optional<std::int64_t> fence, Completion<JobSummary> done) = 0;
  void requeue(std::string uid, Completion<JobSummary> done) { requeue(std::move(uid), std::nullopt, std::move(done)); }
  // All failed and quarantined ones without a fence; how many. Of the others the central database decides.
  virtual void requeue_dead(Completion<std::int64_t> done) = 0;
  virtual void set_priority(std::string uid, int priority, Completion<JobSummary> done) = 0;
  // Survives a restart. Lane "" means all lanes, also ones not known yet; a single one cannot be resumed from that:
  // invalid_input.
  virtual void pause(std::string lane, Completion<void> done) = 0;
  virtual void resume(std::string lane, Completion<void> done) = 0;
  // Removes outbox rows settled longer ago than Options::keep_settled, quarantined ones excepted; then final jobs older
  // than `keep` that no outbox row still needs. Dead ones, and those with a quarantined row, go after `keep_dead`, and
  // the quarantined row with them. How many jobs went.
  virtual void prune(std::chrono::hours keep, std::chrono::hours keep_dead, Completion<std::int64_t> done) = 0;
  // Gives unsettled rows their verdict. A number that no unsettled row has is passed over: what was said has been
  // settled before, or replaced meanwhile.
  virtual void settle_outbox(std::vector<Settlement> settlements, Completion<void> done) = 0;
  // The central database failed over and may have lost what it confirmed: rows settled as applied or duplicate at
  // `settled_since` or later are unsettled again, under their old numbers and so in their old order. How many.
  virtual void resend_outbox(WallTime settled_since, Completion<std::int64_t> done) = 0;
  // A quarantined row, or with nullopt all of them, is unsettled again under its old number; how many. not_found if no
  // quarantined row has this number.
  virtual void requeue_outbox(std::optional<std::int64_t> seq, Completion<std::int64_t> done) = 0;
  // A stage of an earlier daemon whose processes are known to be dead: counts a crash, as fail(worker_crashed).
  virtual void recover(LeaseKey key, Completion<StageOutcome> done) = 0;

  // --- Reads ---------------------------------------------------------------------------------------------------------
  virtual Result<std::optional<JobView>> find(const std::string& uid) const = 0;
  // The parts of find() that cost less, for whoever needs no more.
  virtual Result<std::optional<JobSummary>> summary(const std::string& uid) const = 0;
  virtual Result<std::optional<JobState>> state_of(const std::string& uid) const = 0;
  // In the order of their text, at most `limit`.
  virtual Result<std::vector<std::string>> uids_beginning_with(const std::string& prefix, int limit) const = 0;
  virtual Result<std::vector<JobSummary>> list(const ListFilter& filter) const = 0;
  virtual Result<Counts> counts() const = 0;
  virtual Result<std::vector<std::string>> paused_lanes() const = 0;
  // Unsettled rows, in order.
  virtual Result<std::vector<OutboxRow>> outbox(int limit) const = 0;
  virtual Result<std::vector<QuarantinedRow>> quarantined_outbox(int limit) const = 0;
  // Jobs with a fence that are not over, whose rows wait for a verdict, or whose final row is quarantined: given back,
  // such a request would be worked on again only to be refused again. Costs what these are, however many others the
  // file holds.
  virtual Result<std::vector<HeldRequest>> held() const = 0;
  // uids of running jobs that somebody wants cancelled.
  virtual Result<std::vector<std::string>> cancel_requested() const = 0;
  // Stages in progress under an earlier boot id of this file. Kill their process groups, wait, then recover() each.
  virtual Result<std::vector<Survivor>> survivors() const = 0;
  // When the earliest delayed stage of any lane becomes ready.
  virtual Result<std::optional<WallTime>> next_run_at() const = 0;
  // Results of the job's completed stages, by name.
  virtual Result<std::vector<std::pair<std::string, std::string>>> stage_results(const std::string& uid) const = 0;

  // The error that suspended the queue, if one did.
  virtual std::optional<Error> suspended() const = 0;
};

}  // namespace vivid::queue
