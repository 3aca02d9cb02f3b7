#include "queue/job_queue.h"

#include <utility>

#include "queue/command.h"
#include "queue/commands.h"
#include "queue/file_lock.h"
#include "queue/json_text.h"
#include "queue/pauses.h"
#include "queue/reads.h"
#include "queue/transactor.h"
#include "queue/writer.h"

namespace vivid::queue {
namespace {

// Jobs that one transaction of a long command touches.
constexpr int kLongCommandStep = 200;

Status require_json(std::string_view field, std::string_view text) {
  if (is_json_or_empty(text)) return {};
  return fail(ErrorCode::invalid_input, std::string(field) + " is not JSON: '" + std::string(text.substr(0, 80)) + "'");
}

class DurableQueue final : public JobQueue {
 public:
  DurableQueue(Options options, const Clock& clock, UniqueFd lock)
      : options_(std::move(options)), clock_(clock), lock_(std::move(lock)) {}

  Status start() {
    VIVID_ASSIGN(std::unique_ptr<Transactor> transactor, Transactor::open(options_, clock_));
    reads_ = std::make_unique<Reads>(options_, clock_, transactor->boot_id());
    writer_ = std::make_unique<Writer>(options_, std::move(transactor), [this] { reads_->forget_connections(); });
    return {};
  }

  void set_listener(std::function<void()> listener) override { writer_->set_listener(std::move(listener)); }

  void submit(NewJob job, Completion<SubmitResult> done) override {
    Status valid = validate(job);
    const Weight weight{.rows = 2 + job.stages.size(), .bytes = job.payload.size()};
    post<SubmitResult>(weight, std::move(done),
                       [job = std::move(job), valid = std::move(valid)](Store& store) -> Result<SubmitResult> {
                         VIVID_TRY(valid);
                         return submit_job(store, job);
                       });
  }

  void claim(std::string lane, Holder holder, int limit, Completion<std::vector<Lease>> done) override {
    post<std::vector<Lease>>(
        {.rows = static_cast<std::size_t>(std::max(limit, 1))}, std::move(done),
        [lane = std::move(lane), holder, limit](Store& store) { return claim_stages(store, lane, holder, limit); });
  }

  void complete(LeaseKey key, std::string result, std::string detail, Completion<StageOutcome> done) override {
    Status valid = require_json("result", result);
    if (valid) valid = require_json("detail", detail);
    const Weight weight{.rows = 1, .bytes = result.size() * 2 + detail.size()};
    post<StageOutcome>(weight, std::move(done),
                       [key, valid = std::move(valid), result = std::move(result),
                        detail = std::move(detail)](Store& store) -> Result<StageOutcome> {
                         VIVID_TRY(valid);
                         return complete_stage(store, key, result, detail);
                       });
  }

  void fail(LeaseKey key, Error error, std::string detail, Completion<StageOutcome> done) override {
    Status valid = require_json("detail", detail);
    const Weight weight{.rows = 1, .bytes = detail.size()};
    post<StageOutcome>(weight, std::move(done),
                       [key, valid = std::move(valid), error = std::move(error),
                        detail = std::move(detail)](Store& store) -> Result<StageOutcome> {
                         VIVID_TRY(valid);
                         return fail_stage(store, key, error, detail);
                       });
  }

  void snooze(LeaseKey key, WallTime until, std::string reason, Completion<StageOutcome> done) override {
    post<StageOutcome>({}, std::move(done), [key, until, reason = std::move(reason)](Store& store) {
      return snooze_stage(store, key, until, reason);
    });
  }

  void rewind(LeaseKey key, std::string stage, Error error, Completion<StageOutcome> done) override {
    post<StageOutcome>({}, std::move(done), [key, stage = std::move(stage), error = std::move(error)](Store& store) {
      return rewind_stage(store, key, stage, error);
    });
  }

  void cancel(std::string uid, Error reason, Completion<CancelResult> done) override {
    post<CancelResult>({}, std::move(done), [uid = std::move(uid), reason = std::move(reason)](Store& store) {
      return cancel_job(store, uid, reason);
    });
  }

  void requeue(std::string uid, std::optional<std::int64_t> fence, Completion<JobSummary> done) override {
    post<JobSummary>({}, std::move(done),
                     [uid = std::move(uid), fence](Store& store) { return requeue_job(store, uid, fence); });
  }

  void requeue_dead(Completion<std::int64_t> done) override {
    post_long(RequeueCursor{}, std::move(done),
              [](Store& store, RequeueCursor& cursor) { return requeue_some_dead(store, cursor, kLongCommandStep); });
  }

  void set_priority(std::string uid, int priority, Completion<JobSummary> done) override {
    post<JobSummary>({}, std::move(done),
                     [uid = std::move(uid), priority](Store& store) { return set_job_priority(store, uid, priority); });
  }

  void pause(std::string lane, Completion<void> done) override {
    post<void>({}, std::move(done), [lane = std::move(lane)](Store& store) -> Status {
      VIVID_TRY(write_paused(store.database, lane));
      VIVID_ASSIGN(store.paused_lanes, read_paused_lanes(store.database));
      return {};
    });
  }

  void resume(std::string lane, Completion<void> done) override {
    post<void>({}, std::move(done), [lane = std::move(lane)](Store& store) -> Status {
      VIVID_TRY(write_resumed(store.database, lane));
      VIVID_ASSIGN(store.paused_lanes, read_paused_lanes(store.database));
      store.work_changed = true;
      return {};
    });
  }

  void prune(std::chrono::hours keep, std::chrono::hours keep_dead, Completion<std::int64_t> done) override {
    const PruneLimits limits{.before = clock_.now() - keep,
                             .dead_before = clock_.now() - keep_dead,
                             .settled_before = clock_.now() - options_.keep_settled};
    post_long(PruneCursor{}, std::move(done), [limits](Store& store, PruneCursor& cursor) {
      return prune_some(store, limits, cursor, kLongCommandStep);
    });
  }

  void settle_outbox(std::vector<Settlement> settlements, Completion<void> done) override {
    const Weight weight{.rows = settlements.size()};
    post<void>(weight, std::move(done),
               [settlements = std::move(settlements)](Store& store) { return settle_rows(store, settlements); });
  }

  void resend_outbox(WallTime settled_since, Completion<std::int64_t> done) override {
    const WallTime now = clock_.now();  // what is settled later is no part of this
    post_long(ResendCursor{.settled_at = settled_since}, std::move(done),
              [now](Store& store, ResendCursor& cursor) { return resend_some(store, now, cursor, kLongCommandStep); });
  }

  void requeue_outbox(std::optional<std::int64_t> seq, Completion<std::int64_t> done) override {
    const RequeueRowsCursor start{.seq = seq ? *seq - 1 : 0, .only = seq};
    post_long(start, std::move(done), [](Store& store, RequeueRowsCursor& cursor) {
      return requeue_some_rows(store, cursor, cursor.only ? 1 : kLongCommandStep);
    });
  }

  void recover(LeaseKey key, Completion<StageOutcome> done) override {
    post<StageOutcome>({}, std::move(done), [key](Store& store) { return recover_stage(store, key); });
  }

  Result<std::optional<JobView>> find(const std::string& uid) const override { return reads_->find(uid); }
  Result<std::optional<JobSummary>> summary(const std::string& uid) const override { return reads_->summary(uid); }
  Result<std::optional<JobState>> state_of(const std::string& uid) const override { return reads_->state_of(uid); }
  Result<std::vector<std::string>> uids_beginning_with(const std::string& prefix, int limit) const override {
    return reads_->uids_beginning_with(prefix, limit);
  }
  Result<std::vector<JobSummary>> list(const ListFilter& filter) const override { return reads_->list(filter); }
  Result<Counts> counts() const override { return reads_->counts(); }
  Result<std::vector<std::string>> paused_lanes() const override { return reads_->paused_lanes(); }
  Result<std::vector<OutboxRow>> outbox(int limit) const override { return reads_->outbox(limit); }
  Result<std::vector<QuarantinedRow>> quarantined_outbox(int limit) const override {
    return reads_->quarantined_outbox(limit);
  }
  Result<std::vector<HeldRequest>> held() const override { return reads_->held(); }
  Result<std::vector<std::string>> cancel_requested() const override { return reads_->cancel_requested(); }
  Result<std::vector<Survivor>> survivors() const override { return reads_->survivors(); }
  Result<std::optional<WallTime>> next_run_at() const override { return reads_->next_run_at(); }
  Result<std::vector<std::pair<std::string, std::string>>> stage_results(const std::string& uid) const override {
    return reads_->stage_results(uid);
  }
  std::optional<Error> suspended() const override { return writer_->suspended(); }

 private:
  template <typename T, typename Work>
  void post(Weight weight, Completion<T> done, Work work) {
    writer_->post(std::make_unique<CommandOf<T, Work>>(std::move(work), std::move(done), weight));
  }
  template <typename Progress, typename Step>
  void post_long(Progress progress, Completion<std::int64_t> done, Step step) {
    writer_->post(std::make_unique<LongCommand<Progress, Step>>(progress, step, std::move(done), kLongCommandStep));
  }

  const Options options_;
  const Clock& clock_;
  const UniqueFd lock_;
  // The writer goes first: its last answers may still read.
  std::unique_ptr<Reads> reads_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace

Result<std::unique_ptr<JobQueue>> JobQueue::open(Options options, const Clock& clock) {
  VIVID_ASSIGN(UniqueFd lock, lock_file_of(options.path));
  auto queue = std::make_unique<DurableQueue>(std::move(options), clock, std::move(lock));
  VIVID_TRY(queue->start());
  return Result<std::unique_ptr<JobQueue>>(std::move(queue));
}

}  // namespace vivid::queue
