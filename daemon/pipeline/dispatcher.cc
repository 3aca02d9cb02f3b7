#include "daemon/pipeline/dispatcher.h"

#include <algorithm>

#include "base/check.h"
#include "base/units.h"
#include "daemon/pipeline/job_plan.h"

namespace vivid::daemon {
namespace {

constexpr std::chrono::milliseconds kGatherWakes{20};
constexpr std::chrono::milliseconds kPatrolInterval{2'000};
constexpr std::chrono::milliseconds kRetryDelay{1'000};
constexpr std::chrono::milliseconds kLongestSleep{60'000};

std::chrono::microseconds elapsed(const RunningStage& stage, const Clock& clock) {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock.steady_now() - stage.started);
}

// Errors of the queue that are over some day without anybody changing what was asked.
bool may_pass(ErrorCode code) {
  return code == ErrorCode::disk_full || code == ErrorCode::io_error || code == ErrorCode::unavailable ||
         code == ErrorCode::resource_exhausted;
}

}  // namespace

Dispatcher::Dispatcher(Parts parts, DispatcherOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      wake_timer_(parts_.loop),
      due_timer_(parts_.loop),
      patrol_timer_(parts_.loop) {
  for (const std::string& lane : all_lanes()) lanes_[lane] = {};
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::set_options(DispatcherOptions options) {
  options_ = std::move(options);
  wake();
}

void Dispatcher::start() {
  started_ = true;
  patrol_timer_.every(kPatrolInterval, [this] { wake(); });
  wake();
}

void Dispatcher::wake() {
  if (!started_ || wake_timer_.active()) return;
  wake_timer_.once(kGatherWakes, [this] {
    for (const auto& lane : lanes_) fill(lane.first);
    look_around();
  });
}

int Dispatcher::capacity_of(const std::string& lane) const {
  const auto found = options_.capacity.find(lane);
  return found == options_.capacity.end() ? 0 : found->second;
}

int Dispatcher::running_in(const std::string& lane) const {
  return static_cast<int>(std::count_if(running_.begin(), running_.end(),
                                        [&](const auto& entry) { return entry.second->lease.lane == lane; }));
}

RunningStage* Dispatcher::find(std::int64_t stage_id) {
  const auto found = running_.find(stage_id);
  return found == running_.end() ? nullptr : found->second.get();
}

bool Dispatcher::may_start() const { return started_ && !draining_ && parts_.admission.open(); }

void Dispatcher::fill(const std::string& lane) {
  if (!may_start()) return;
  Lane& state = lanes_[lane];
  if (state.claiming) {
    state.again = true;
    return;
  }
  const int room = capacity_of(lane) - running_in(lane);
  if (room <= 0) return;
  if (!lane_has_workers(lane)) return claim(lane, std::nullopt, room);
  // A worker first: the lease names the process that does the work, so that a later daemon finds it.
  if (const auto worker = parts_.workers.reserve(lane)) return claim(lane, worker, 1);
  start_worker_if_needed(lane);
}

void Dispatcher::claim(const std::string& lane, std::optional<WorkerName> worker, int limit) {
  lanes_[lane].claiming = true;
  queue::Holder holder;
  if (worker) holder = {worker->pid, worker->start_ticks};
  parts_.queue.claim(lane, holder, limit, on_loop([this, lane, worker](Result<std::vector<queue::Lease>> leases) {
                       on_claimed(lane, worker, std::move(leases));
                     }));
}

void Dispatcher::on_claimed(const std::string& lane, std::optional<WorkerName> worker,
                            Result<std::vector<queue::Lease>> leases) {
  Lane& state = lanes_[lane];
  state.claiming = false;
  const bool again = std::exchange(state.again, false);
  if (!leases || leases->empty()) {
    if (!leases) log::warning("claim failed", {{"lane", lane}, {"reason", leases.error().describe()}});
    if (worker) parts_.workers.release(*worker);
    if (leases && again) fill(lane);
    // Nothing came of it, and a drain may have waited for that alone.
    return check_idle();
  }
  for (const queue::Lease& lease : *leases) begin(lease, worker);
  // Asked for before, answered after.
  if (giving_back_) give_back_all();
  fill(lane);
}

void Dispatcher::start_worker_if_needed(const std::string& lane) {
  Lane& state = lanes_[lane];
  // One that is starting will ask for work itself.
  const int workers = parts_.workers.workers_in(lane);
  if (state.counting || workers > running_in(lane) || workers >= capacity_of(lane)) return;
  const Status asked = parts_.pool.submit([&queue = parts_.queue] { return queue.counts(); },
                                          [this, lane](Result<queue::Counts> counts) {
                                            lanes_[lane].counting = false;
                                            if (!counts || !may_start()) return;
                                            for (const auto& count : counts->lanes) {
                                              if (count.lane == lane && count.ready > 0)
                                                parts_.workers.start_worker(lane);
                                            }
                                          });
  state.counting = asked.has_value();
}

void Dispatcher::begin(const queue::Lease& lease, std::optional<WorkerName> worker) {
  auto stage = std::make_unique<RunningStage>();
  stage->lease = lease;
  stage->worker = worker;
  stage->started = parts_.clock.steady_now();
  const auto waited = parts_.clock.now() - lease.ready_since;
  log::Fields fields = stage->fields();
  fields.emplace_back("waited_seconds", std::chrono::duration<double>(waited).count());
  log::info("stage started", fields);
  const std::int64_t id = lease.key.stage_id;
  watch_limits(*stage);
  auto control = std::make_shared<PrepareControl>();
  control->on_progress = [this, post = parts_.poster, key = lease.key] { post([this, key] { touch(key); }); };
  stage->preparing = control;
  running_[id] = std::move(stage);
  parts_.observer.stage_started(lease, waited);
  const Status asked =
      parts_.pool.submit([&queue = parts_.queue, &spool = parts_.spool, lease, whole_request = options_.whole_request,
                          control] { return prepare_stage(queue, spool, lease, whole_request, *control); },
                         [this, id](Result<StageContext> context) { on_prepared(id, std::move(context)); });
  if (!asked) on_finished(id, {tl::make_unexpected(asked.error()), {}, {}, std::nullopt});
}

// The limits cover the preparation too: a disk that hangs must not hold a lane for ever.
void Dispatcher::watch_limits(RunningStage& stage) {
  RunLimits limits;
  limits.start_to_close = stage.lease.limits.start_to_close;
  limits.silence = stage.lease.limits.silence;
  stage.watch =
      std::make_unique<LimitWatch>(parts_.loop, parts_.clock, limits, [this, id = stage.lease.key.stage_id](Error why) {
        RunningStage* late = find(id);
        if (late == nullptr) return;
        log::Fields fields = late->fields();
        fields.emplace_back("reason", why.describe());
        log::warning("stage is stopped", fields);
        late->stop(why);
      });
}

RunningStage* Dispatcher::touch(queue::LeaseKey key) {
  RunningStage* live = find(key.stage_id);
  if (live == nullptr || live->lease.key.attempt != key.attempt || !live->watch) return nullptr;
  live->watch->touch();
  return live;
}

void Dispatcher::on_prepared(std::int64_t stage_id, Result<StageContext> context) {
  RunningStage* stage = find(stage_id);
  if (stage == nullptr) return;
  const auto end_with = [&](Error error) {
    on_finished(stage_id, {tl::make_unexpected(std::move(error)), {}, {}, std::nullopt});
  };
  stage->preparing.reset();
  if (stage->stopping) return end_with(*stage->stopping);
  if (!context) return end_with(context.error());
  if (context->broken) {
    stage->rerun_from = context->broken->stage;
    return end_with({ErrorCode::data_corrupt, context->broken->what});
  }
  if (stage->worker && !parts_.workers.holds(*stage->worker)) {
    // It ended before it heard of the job: not the job's fault.
    stage->give_back = true;
    return end_with({ErrorCode::unavailable, "the worker ended before the stage began"});
  }
  stage->watch->set_whole_request_left(context->time_left);
  StageEvents events;
  events.on_progress = [this, key = stage->lease.key](const render::Progress& progress) {
    if (const RunningStage* live = touch(key)) parts_.observer.stage_progressed(live->lease, progress);
  };
  events.on_finished = [this, stage_id](StageReport report) { on_finished(stage_id, std::move(report)); };
  const auto worker = std::exchange(stage->worker, std::nullopt);
  auto run = parts_.runner.start(*context, worker, std::move(events));
  // It may have ended at once.
  stage = find(stage_id);
  if (stage != nullptr && !stage->report) stage->run = std::move(run);
}

void Dispatcher::on_finished(std::int64_t stage_id, StageReport report) {
  RunningStage* stage = find(stage_id);
  if (stage == nullptr || stage->report) return;
  if (stage->worker) parts_.workers.release(*std::exchange(stage->worker, std::nullopt));
  // Stopping it made it fail, however it put it.
  if (!report.result && stage->stopping) report.result = tl::make_unexpected(*stage->stopping);
  stage->report = std::move(report);
  stage->watch.reset();
  settle(stage_id);
}

void Dispatcher::settle(std::int64_t stage_id) {
  RunningStage& stage = *find(stage_id);
  const queue::LeaseKey key = stage.lease.key;
  const StageReport& report = *stage.report;
  auto done =
      on_loop([this, stage_id](Result<queue::StageOutcome> outcome) { on_settled(stage_id, std::move(outcome)); });
  if (report.result) {
    parts_.queue.complete(key, report.json, attempt_detail(report), std::move(done));
  } else if (stage.give_back) {
    parts_.queue.snooze(key, parts_.clock.now(), report.result.error().message, std::move(done));
  } else if (!stage.rerun_from.empty()) {
    parts_.queue.rewind(key, stage.rerun_from, report.result.error(), std::move(done));
  } else {
    parts_.queue.fail(key, report.result.error(), stage.refused ? std::string() : attempt_detail(report),
                      std::move(done));
  }
}

void Dispatcher::on_unsettled(RunningStage& stage, const Error& error) {
  const std::int64_t stage_id = stage.lease.key.stage_id;
  log::Fields fields = stage.fields();
  fields.emplace_back("reason", error.describe());
  const bool passes = may_pass(error.code);
  if (abandoning_ || (stage.refused && !passes)) {
    log::error("the end of a stage could not be kept; the next start sees to it", fields);
    running_.erase(stage_id);
    check_idle();
    return wake();
  }
  if (passes) {
    // The work is done but not on record: what was done is kept and offered again until the disk takes it.
    log::error("the end of a stage could not be kept; trying again", fields);
    stage.settle_timer = std::make_unique<Timer>(parts_.loop);
    stage.settle_timer->once(kRetryDelay, [this, stage_id] { settle(stage_id); });
    return;
  }
  // The same would be refused again; that it was refused may still be kept.
  log::error("the queue refuses the end of a stage: the attempt fails", fields);
  stage.refused = true;
  stage.give_back = false;
  stage.rerun_from.clear();
  stage.report->result = fail(ErrorCode::internal, "the queue refused the end of the stage: " + error.message);
  settle(stage_id);
}

void Dispatcher::on_settled(std::int64_t stage_id, Result<queue::StageOutcome> outcome) {
  RunningStage* stage = find(stage_id);
  if (stage == nullptr) return;
  if (!outcome && outcome.error().code != ErrorCode::lease_lost) return on_unsettled(*stage, outcome.error());
  log::Fields fields = stage->fields();
  const auto took = elapsed(*stage, parts_.clock);
  fields.emplace_back("seconds", std::chrono::duration<double>(took).count());
  const std::unique_ptr<RunningStage> ended = std::move(running_[stage_id]);
  running_.erase(stage_id);
  if (!outcome) {
    log::warning("stage was taken away", fields);
  } else if (ended->report->result) {
    log::info("stage completed", fields);
  } else {
    fields.emplace_back("reason", ended->report->result.error().describe());
    if (outcome->retry_at) fields.emplace_back("retry_at", to_iso8601(*outcome->retry_at));
    log::warning(ended->give_back ? "stage given back" : "stage failed", fields);
  }
  if (outcome) parts_.observer.stage_settled(ended->lease, *ended->report, *outcome, took);
  check_idle();
  wake();
}

void Dispatcher::look_around() {
  struct Seen {
    Result<std::optional<WallTime>> next_run_at;
    Result<std::vector<std::string>> cancelled;
  };
  const Status asked = parts_.pool.submit(
      [&queue = parts_.queue] {
        return Seen{queue.next_run_at(), queue.cancel_requested()};
      },
      [this](Seen seen) {
        if (seen.cancelled) stop_cancelled(*seen.cancelled);
        if (!seen.next_run_at || !*seen.next_run_at) return;
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(**seen.next_run_at - parts_.clock.now());
        due_timer_.once(std::clamp(wait, kGatherWakes, kLongestSleep), [this] { wake(); });
      });
  if (!asked) log::warning("the queue is not looked at", {{"reason", asked.error().message}});
}

void Dispatcher::stop_cancelled(const std::vector<std::string>& uids) {
  for (auto& [id, stage] : running_) {
    if (std::find(uids.begin(), uids.end(), stage->lease.uid) == uids.end()) continue;
    stage->stop({ErrorCode::cancelled, "cancelled on request"});
  }
}

void Dispatcher::drain(std::function<void()> idle) {
  draining_ = true;
  on_idle_ = std::move(idle);
  check_idle();
}

void Dispatcher::undo_drain() {
  draining_ = false;
  on_idle_ = nullptr;
  wake();
}

void Dispatcher::check_idle() {
  const bool claiming =
      std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane.second.claiming; });
  if (!draining_ || !running_.empty() || claiming || !on_idle_) return;
  const auto idle = std::move(on_idle_);
  on_idle_ = nullptr;
  idle();
}

void Dispatcher::log_running() const {
  for (const auto& [id, stage] : running_) log::warning("stage does not end", stage->fields());
}

void Dispatcher::abandon_unsettled() { abandoning_ = true; }

void Dispatcher::give_back_all() {
  giving_back_ = true;
  for (auto& [id, stage] : running_) {
    // One that is being stopped keeps its reason, one that has ended its result.
    if (stage->stopping || stage->report) continue;
    stage->give_back = true;
    stage->stop({ErrorCode::unavailable, "vividd is stopping"});
  }
}

}  // namespace vivid::daemon
