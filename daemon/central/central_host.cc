#include "daemon/central/central_host.h"

#include <algorithm>

#include "base/files.h"
#include "base/log.h"
#include "daemon/central/await.h"
#include "daemon/central/request_row.h"
#include "daemon/intake/object_prefix.h"

namespace vivid::daemon {
namespace {

constexpr std::uint64_t kMaxServerBytes = 1024;
// Of the jobs' inputs that a batch of deliveries is made from.
constexpr std::size_t kMaxInputBytes = 8 * 1024 * 1024;
constexpr std::chrono::hours kSentOfLate{24};
constexpr std::chrono::minutes kRemoveAgain{1};
constexpr int kMostPercent = 99;  // 100 is for what has been completed
constexpr const char* kClaim = "claim";

queue::Verdict verdict_of(sync::Verdict verdict) {
  switch (verdict) {
    case sync::Verdict::applied:
      return queue::Verdict::applied;
    case sync::Verdict::duplicate:
      return queue::Verdict::duplicate;
    case sync::Verdict::stale:
      return queue::Verdict::stale;
    case sync::Verdict::unknown:
      return queue::Verdict::unknown;
    case sync::Verdict::quarantined:
      break;
  }
  return queue::Verdict::quarantined;
}

std::int64_t jobs_in_hand(const queue::Counts& counts) {
  std::int64_t jobs = 0;
  for (const auto& [state, count] : counts.jobs) {
    if (!queue::is_final(state)) jobs += count;
  }
  return jobs;
}

log::Fields fields_of(const std::string& uid, std::int64_t fence, const std::string& correlation_id) {
  return {{"correlation_id", correlation_id}, {"job", uid}, {"stage", kClaim}, {"attempt", 0}, {"fence", fence}};
}

}  // namespace

CentralHost::CentralHost(Parts parts, CentralSettings settings, CentralEvents events)
    : parts_(std::move(parts)), events_(std::move(events)), settings_(std::move(settings)) {}

CentralSettings CentralHost::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void CentralHost::set_settings(CentralSettings settings) {
  const std::lock_guard lock(mutex_);
  settings_ = std::move(settings);
}

void CentralHost::set_report(sync::NodeReport report) {
  const std::lock_guard lock(mutex_);
  report_ = std::move(report);
}

sync::NodeReport CentralHost::report() {
  const std::lock_guard lock(mutex_);
  return report_;
}

// --- What comes in ---------------------------------------------------------------------------------------------------

int CentralHost::free_slots() {
  if (!taking_) return 0;
  const auto paused = parts_.queue.paused_lanes();
  const auto counts = parts_.queue.counts();
  if (!paused || !counts) return 0;
  const bool render_paused =
      std::any_of(paused->begin(), paused->end(), [](const auto& lane) { return lane.empty() || lane == kLaneRender; });
  const CentralSettings now = settings();
  if (render_paused || counts->outbox_rows > now.max_undelivered) return 0;
  return static_cast<int>(std::max<std::int64_t>(0, now.slots - jobs_in_hand(*counts)));
}

Status CentralHost::accept(const sync::ClaimedRequest& claimed) {
  const CentralSettings now = settings();
  const ReadRow read = read_row(claimed, now.environment);
  queue::NewJob job;
  if (read.request) {
    job = plan_job(*read.request, now.plan);
  } else {
    job = plan_rejected({read.message, read.request.error().message}, {claimed.id, read.correlation_id}, now.plan);
    job.uid = claimed.id;
  }
  job.fence = claimed.fence;
  log::Fields fields = fields_of(claimed.id, claimed.fence, read.correlation_id);
  const auto kept =
      await<queue::SubmitResult>([&](auto done) { parts_.queue.submit(std::move(job), std::move(done)); });
  if (!kept) return tl::make_unexpected(kept.error());
  const bool refused = !read.request.has_value();
  if (refused) fields.emplace_back("reason", read.request.error().describe());
  if (kept->fence_raised) fields.emplace_back("resumed", true);
  if (refused) {
    log::warning("request refused", fields);
  } else {
    log::info("job claimed", fields);
  }
  parts_.post([this, uid = claimed.id, state = kept->state, refused] { events_.taken(uid, state, refused); });
  return {};
}

Result<std::vector<sync::HeldLease>> CentralHost::held() {
  VIVID_ASSIGN(const auto requests, parts_.queue.held());
  std::vector<sync::HeldLease> leases;
  leases.reserve(requests.size());
  for (const queue::HeldRequest& request : requests) leases.push_back({request.uid, request.fence});
  return leases;
}

void CentralHost::lease_lost(const sync::HeldLease& lease) {
  const auto job = parts_.queue.summary(lease.id);
  // It may have been claimed anew meanwhile.
  if (!job || !*job || (*job)->fence != lease.fence || queue::is_final((*job)->state)) return;
  stop_job(lease.id, {ErrorCode::lease_lost, "the lease with fence " + std::to_string(lease.fence) +
                                                 " is lost: the request is another host's, or over"});
}

void CentralHost::cancel(const std::string& request_id) {
  stop_job(request_id, {ErrorCode::cancelled, "cancelled in the central database"});
}

void CentralHost::stop_job(const std::string& uid, Error reason) {
  const auto done =
      await<queue::CancelResult>([&](auto answer) { parts_.queue.cancel(uid, reason, std::move(answer)); });
  if (!done) return log::error("a job is not cancelled", {{"job", uid}, {"reason", done.error().describe()}});
  if (*done == queue::CancelResult::cancel_requested) {
    parts_.post([this, uid] { events_.stop(uid); });
  }
  if (*done != queue::CancelResult::cancelled) return;
  const auto job = parts_.queue.summary(uid);
  if (job && *job) parts_.post([this, ended = **job] { events_.cancelled(ended); });
}

// --- What goes out ---------------------------------------------------------------------------------------------------

Status CentralHost::settle_local(const std::vector<queue::OutboxRow>& rows) {
  std::vector<queue::Settlement> local;
  for (const queue::OutboxRow& row : rows) {
    if (row.fence == 0) local.push_back({row.seq, queue::Verdict::local, {}});
  }
  return await<void>([&](auto done) { parts_.queue.settle_outbox(std::move(local), std::move(done)); });
}

Result<std::vector<queue::OutboxRow>> CentralHost::rows_to_send() {
  std::map<std::int64_t, std::optional<SteadyTime>> removing;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(removing_,
                  [now = parts_.clock.steady_now()](const auto& each) { return each.second && *each.second <= now; });
    removing = removing_;
  }
  const int limit = static_cast<int>(sync::kMaxDeliveryRows + removing.size());
  VIVID_ASSIGN(auto rows, parts_.queue.outbox(limit));
  // Rows of jobs that were submitted here are nobody's, and must not stand before the others.
  while (std::any_of(rows.begin(), rows.end(), [](const auto& row) { return row.fence == 0; })) {
    VIVID_TRY(settle_local(rows));
    VIVID_ASSIGN(rows, parts_.queue.outbox(limit));
  }
  std::erase_if(rows, [&](const queue::OutboxRow& row) { return removing.contains(row.seq); });
  if (rows.size() > sync::kMaxDeliveryRows) rows.resize(sync::kMaxDeliveryRows);
  return rows;
}

Result<std::vector<sync::Delivery>> CentralHost::undelivered() {
  handed_.clear();
  VIVID_ASSIGN(const auto rows, rows_to_send());
  const ReportContext context = settings().report;
  std::map<std::string, queue::JobView> jobs;
  std::vector<sync::Delivery> deliveries;
  std::vector<queue::Settlement> unreadable;
  std::size_t bytes = 0;
  std::size_t input_bytes = 0;
  for (const queue::OutboxRow& row : rows) {
    if (!jobs.contains(row.uid)) {
      if (input_bytes > kMaxInputBytes) break;
      VIVID_ASSIGN(auto job, parts_.queue.find(row.uid));
      // Rows go with their job: it was replaced or pruned a moment ago.
      if (!job) continue;
      input_bytes += job->payload.size();
      jobs.emplace(row.uid, std::move(*job));
    }
    const queue::JobView& job = jobs.at(row.uid);
    auto body = delivery_body(row, job, context);
    if (!body) {
      log::error("an outbox row cannot be told", {{"job", row.uid}, {"reason", body.error().describe()}});
      unreadable.push_back({row.seq, queue::Verdict::quarantined, body.error().describe()});
      continue;
    }
    if (!deliveries.empty() && bytes + body->size() > sync::kMaxDeliveryBytes) break;
    bytes += body->size();
    const bool is_final = row.kind == "final";
    handed_[row.seq] = {row.uid, row.fence, is_final, is_final && job.summary.state == queue::JobState::completed};
    deliveries.push_back({row.seq, row.uid, row.fence, row.kind, row.stage, row.attempt, std::move(*body)});
  }
  if (!unreadable.empty()) {
    VIVID_TRY(await<void>([&](auto done) { parts_.queue.settle_outbox(std::move(unreadable), std::move(done)); }));
  }
  return deliveries;
}

Status CentralHost::settle(const std::vector<sync::Settled>& settled) {
  std::vector<queue::Settlement> settlements;
  std::vector<Remains> remains;
  settlements.reserve(settled.size());
  for (const sync::Settled& one : settled) {
    settlements.push_back({one.seq, verdict_of(one.verdict), one.error});
    const auto handed = handed_.find(one.seq);
    if (handed == handed_.end() || !handed->second.is_final || one.verdict == sync::Verdict::quarantined) continue;
    const Handed& row = handed->second;
    const bool stands = one.verdict == sync::Verdict::applied || one.verdict == sync::Verdict::duplicate;
    if (!stands) {
      log::warning("a result came too late and is thrown away",
                   {{"job", row.uid}, {"fence", row.fence}, {"verdict", to_text(one.verdict)}});
    }
    if (stands && row.completed) continue;
    // Nothing points to what a request left that was not completed.
    remains.push_back({row.uid, row.fence, !stands, std::move(settlements.back())});
    settlements.pop_back();
  }
  VIVID_TRY(await<void>([&](auto done) { parts_.queue.settle_outbox(std::move(settlements), std::move(done)); }));
  for (Remains& each : remains) discard(std::move(each));
  return {};
}

Status CentralHost::deliver_again() {
  const WallTime since = parts_.clock.now() - kSentOfLate;
  VIVID_ASSIGN(const std::int64_t rows,
               await<std::int64_t>([&](auto done) { parts_.queue.resend_outbox(since, std::move(done)); }));
  log::warning("delivering again what the database may have lost", {{"rows", rows}});
  return {};
}

void CentralHost::job_ended(const queue::JobSummary& job) {
  {
    const std::lock_guard lock(mutex_);
    progress_.erase(job.uid);
  }
  const bool lost = job.state == queue::JobState::cancelled && job.error_code == to_text(ErrorCode::lease_lost);
  if (job.fence > 0 && lost) discard({job.uid, job.fence, true, std::nullopt});
}

void CentralHost::discard(Remains remains) {
  if (remains.settled_after) {
    const std::lock_guard lock(mutex_);
    removing_[remains.settled_after->seq] = std::nullopt;
  }
  auto work = [this, remains, bucket = settings().report.bucket] {
    const Status removed = remove(remains, bucket);
    if (!removed) return not_removed(remains, removed.error().describe());
    if (!remains.settled_after) return;
    const std::int64_t seq = remains.settled_after->seq;
    const Status settled =
        await<void>([&](auto done) { parts_.queue.settle_outbox({*remains.settled_after}, std::move(done)); });
    // Should it still stand, it is sent again.
    const std::lock_guard lock(mutex_);
    removing_.erase(seq);
    if (!settled)
      log::warning("a removal is not written down", {{"job", remains.uid}, {"reason", settled.error().describe()}});
  };
  parts_.post([this, remains, work = std::move(work)] {
    if (!events_.in_background(work)) not_removed(remains, "there is too much else to do");
  });
}

Status CentralHost::remove(const Remains& remains, const std::string& bucket) {
  VIVID_ASSIGN(const auto job, parts_.queue.summary(remains.uid));
  // A newer claim goes on from what the older one made.
  if (job && (job->fence != remains.fence || !queue::is_final(job->state))) return {};
  VIVID_TRY(parts_.store.remove(bucket, object_prefix(remains.uid, remains.fence)));
  if (remains.spool) VIVID_TRY(parts_.spool.remove(remains.uid));
  return {};
}

void CentralHost::not_removed(const Remains& remains, const std::string& reason) {
  log::warning("what a claim left is not removed",
               {{"job", remains.uid}, {"fence", remains.fence}, {"reason", reason}});
  if (!remains.settled_after) return;
  const std::lock_guard lock(mutex_);
  removing_[remains.settled_after->seq] = parts_.clock.steady_now() + kRemoveAgain;
}

// --- How far it is ---------------------------------------------------------------------------------------------------

void CentralHost::note_progress(const JobProgress& progress) {
  const std::lock_guard lock(mutex_);
  if (progress.state != to_text(queue::JobState::running) || progress.fence == 0) {
    progress_.erase(progress.uid);
    return;
  }
  const auto since = parts_.clock.steady_now() - progress.stage_started;
  sync::ProgressNote& note = progress_[progress.uid];
  note.request_id = progress.uid;
  note.fence = progress.fence;
  note.stage = progress.stage;
  note.status = request_status_of(progress.stage);
  note.attempt = progress.attempt;
  note.stage_started = parts_.clock.now() - std::chrono::duration_cast<std::chrono::microseconds>(since);
  note.percent = std::clamp(static_cast<int>(progress.percent), 0, kMostPercent);
}

std::vector<sync::ProgressNote> CentralHost::progress() {
  const std::lock_guard lock(mutex_);
  std::vector<sync::ProgressNote> notes;
  for (auto& entry : progress_) notes.push_back(std::move(entry.second));
  progress_.clear();
  return notes;
}

// --- Which server ----------------------------------------------------------------------------------------------------

std::string CentralHost::known_server() { return read_file(parts_.server_file, kMaxServerBytes).value_or(""); }

Status CentralHost::remember_server(const std::string& identity) {
  return write_file_durably(parts_.server_file, identity);
}

}  // namespace vivid::daemon
