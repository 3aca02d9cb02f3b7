#include "daemon/vividd/housekeeping.h"

#include <map>

#include "base/log.h"

namespace vivid::daemon {
namespace {

constexpr std::chrono::milliseconds kOutboxDelay{1'000};
constexpr std::chrono::milliseconds kOutboxInterval{30'000};
constexpr std::chrono::milliseconds kPruneInterval = std::chrono::hours(24);
constexpr int kOutboxBatch = 2'000;

// Whoever requeues a dead or cancelled job goes on from what it had.
bool keeps_spool(queue::JobState state) { return state != queue::JobState::completed; }

// Rows that nobody waits for: of jobs that were submitted here. A job's rows go once it is over.
// When a whole batch is of jobs that go on, the rows of those go too: the outbox stays bounded.
Result<std::vector<queue::Settlement>> done_rows(const queue::JobQueue& queue) {
  VIVID_ASSIGN(const auto rows, queue.outbox(kOutboxBatch));
  std::map<std::string, bool> over;
  std::vector<queue::Settlement> done;
  std::vector<queue::Settlement> all;
  for (const queue::OutboxRow& row : rows) {
    if (row.fence > 0) continue;
    if (!over.contains(row.uid)) {
      VIVID_ASSIGN(const auto state, queue.state_of(row.uid));
      over[row.uid] = !state || queue::is_final(*state);
    }
    all.push_back({.seq = row.seq, .verdict = queue::Verdict::local, .error = {}});
    if (over[row.uid]) done.push_back(all.back());
  }
  const bool stuck = done.empty() && rows.size() == static_cast<std::size_t>(kOutboxBatch);
  return stuck ? all : done;
}

// Folders of jobs that are over, or that the queue does not know.
Status remove_orphans(const queue::JobQueue& queue, const Spool& spool) {
  VIVID_ASSIGN(const auto uids, spool.list());
  for (const std::string& uid : uids) {
    VIVID_ASSIGN(const auto job, queue.summary(uid));
    if (job && keeps_spool(job->state)) continue;
    // Of a job that was pruned the id is all that is left.
    log::info("spool folder removed", {{"correlation_id", job ? job->correlation_id : std::string()}, {"job", uid}});
    VIVID_TRY(spool.remove(uid));
  }
  return {};
}

std::chrono::hours hours(std::chrono::milliseconds time) { return std::chrono::ceil<std::chrono::hours>(time); }

void warn(const char* what, const Error& error) { log::warning(what, {{"reason", error.describe()}}); }

}  // namespace

Housekeeping::Housekeeping(Parts& parts)
    : parts_(parts), outbox_timer_(parts.loop), outbox_patrol_(parts.loop), daily_timer_(parts.loop) {}

void Housekeeping::start() {
  prune();
  outbox_patrol_.every(kOutboxInterval, [this] { sweep_outbox(); });
  daily_timer_.every(kPruneInterval, [this] { prune(); });
}

void Housekeeping::job_ended(const std::string& uid, const std::string& correlation_id, queue::JobState state) {
  if (!outbox_timer_.active()) outbox_timer_.once(kOutboxDelay, [this] { sweep_outbox(); });
  if (keeps_spool(state)) return;
  const auto warn_if_failed = [uid, correlation_id](const Status& removed) {
    if (removed) return;
    log::warning("spool folder not removed",
                 {{"correlation_id", correlation_id}, {"job", uid}, {"reason", removed.error().describe()}});
  };
  const Status asked =
      parts_.stage_pool->submit([&spool = *parts_.spool, uid] { return spool.remove(uid); }, warn_if_failed);
  warn_if_failed(asked);
}

void Housekeeping::sweep_outbox() {
  if (sweeping_outbox_) return;
  const Status asked =
      parts_.stage_pool->submit([&queue = *parts_.queue] { return done_rows(queue); },
                                [this](Result<std::vector<queue::Settlement>> rows) {
                                  sweeping_outbox_ = false;
                                  if (!rows) return warn("outbox not read", rows.error());
                                  if (rows->empty()) return;
                                  const bool more = rows->size() >= static_cast<std::size_t>(kOutboxBatch) / 2;
                                  parts_.queue->settle_outbox(std::move(*rows), [](const Status& done) {
                                    if (!done) warn("outbox not settled", done.error());
                                  });
                                  if (more) outbox_timer_.once(kOutboxDelay, [this] { sweep_outbox(); });
                                });
  sweeping_outbox_ = asked.has_value();
}

void Housekeeping::prune() {
  const auto& keep = parts_.config.queue;
  auto sweep = [this] {
    parts_.job_log->prune_older(parts_.clock.now() - parts_.config.queue.keep_dead);
    sweep_spool();
  };
  parts_.queue->prune(hours(keep.keep_finished), hours(keep.keep_dead),
                      [post = parts_.mailbox->poster(), sweep](const Result<std::int64_t>& removed) {
                        if (!removed) return warn("old jobs not pruned", removed.error());
                        if (*removed > 0) log::info("old jobs pruned", {{"jobs", *removed}});
                        post(sweep);
                      });
}

void Housekeeping::sweep_spool() {
  const Status asked = parts_.stage_pool->submit(
      [&queue = *parts_.queue, &spool = *parts_.spool] { return remove_orphans(queue, spool); },
      [](const Status& done) {
        if (!done) warn("spool not swept", done.error());
      });
  if (!asked) warn("spool not swept", asked.error());
}

}  // namespace vivid::daemon
