#include "daemon/workers/worker_pool.h"

#include <algorithm>

#include "base/check.h"
#include "base/units.h"
#include "daemon/loop/process_facts.h"

namespace vivid::daemon {
namespace {

constexpr std::chrono::milliseconds kAgeCheckInterval{30'000};

}  // namespace

WorkerPool::WorkerPool(uv_loop_t* loop, const Clock& clock, WorkerPoolOptions options, Events events)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      events_(std::move(events)),
      random_(static_cast<std::uint64_t>(clock.steady_now().time_since_epoch().count())),
      reaper_(loop),
      restart_timer_(loop),
      age_timer_(loop) {
  age_timer_.every(kAgeCheckInterval, [this] { review(); });
}

WorkerPool::~WorkerPool() = default;

void WorkerPool::set_options(WorkerPoolOptions options) {
  options_ = std::move(options);
  review();
}

int WorkerPool::capacity_of(const std::string& lane) const {
  const auto found = options_.capacity.find(lane);
  return found == options_.capacity.end() ? 0 : found->second;
}

int WorkerPool::workers_in(const std::string& lane) const {
  return static_cast<int>(
      std::count_if(slots_.begin(), slots_.end(), [&](const auto& slot) { return slot->worker->lane() == lane; }));
}

WorkerPool::Slot* WorkerPool::slot_of(WorkerName name) const {
  for (const auto& slot : slots_) {
    if (slot->worker->pid() == name.pid && slot->worker->start_ticks() == name.start_ticks) return slot.get();
  }
  return nullptr;
}

std::optional<WorkerName> WorkerPool::reserve(const std::string& lane) {
  for (const auto& slot : slots_) {
    if (slot->reserved || slot->worker->lane() != lane || slot->worker->state() != WorkerState::idle) continue;
    slot->reserved = true;
    return WorkerName{slot->worker->pid(), slot->worker->start_ticks()};
  }
  return std::nullopt;
}

void WorkerPool::release(WorkerName worker) {
  Slot* slot = slot_of(worker);
  if (slot == nullptr) return;
  slot->reserved = false;
  retire_if_due(*slot);
}

bool WorkerPool::holds(WorkerName worker) const {
  const Slot* slot = slot_of(worker);
  return slot != nullptr && slot->reserved && slot->worker->state() == WorkerState::idle;
}

void WorkerPool::run(WorkerName worker, const render::Task& task, TaskEvents events) {
  VIVID_CHECK(holds(worker));
  Slot* slot = slot_of(worker);
  slot->reserved = false;
  slot->worker->run(task, std::move(events));
}

void WorkerPool::stop(WorkerName worker, const std::string& reason, Error error) {
  if (Slot* slot = slot_of(worker)) slot->worker->stop(reason, options_.grace, std::move(error));
}

bool WorkerPool::start_worker(const std::string& lane) {
  if (shutting_down_ || restart_timer_.active() || workers_in(lane) >= capacity_of(lane)) return false;
  auto gpu = gpu_for_another(lane);
  if (!gpu) return false;
  auto slot = std::make_unique<Slot>();
  slot->gpu = std::move(*gpu);
  Slot* raw = slot.get();
  Worker::Events events;
  events.on_ready = [this, raw](const render::Hello& hello) { on_ready(raw->worker.get(), hello); };
  events.on_idle = [this, raw] {
    // Only one that did something has shown that workers are well.
    failed_starts_ = 0;
    retire_if_due(*raw);
  };
  events.on_gone = [this, raw](const std::string& reason) { on_gone(raw->worker.get(), reason); };
  std::vector<std::string> environment = options_.environment;
  if (!slot->gpu.empty()) environment.push_back("CUDA_VISIBLE_DEVICES=" + slot->gpu);
  auto worker = Worker::start(loop_, clock_, options_.program, environment, lane, std::move(events));
  if (!worker) {
    note_start_failure(worker.error().message);
    return false;
  }
  slot->worker = std::move(*worker);
  log::debug("worker started", {{"worker", slot->worker->pid()}, {"lane", lane}});
  slots_.push_back(std::move(slot));
  return true;
}

std::optional<std::string> WorkerPool::gpu_for_another(const std::string& lane) const {
  if (!events_.gpu_for) return std::string();
  std::vector<std::string> gpus;
  for (const auto& slot : slots_) {
    if (slot->worker->lane() == lane) gpus.push_back(slot->gpu);
  }
  return events_.gpu_for(lane, gpus);
}

std::string WorkerPool::gpu_of(WorkerName worker) const {
  const Slot* slot = slot_of(worker);
  return slot == nullptr ? std::string() : slot->gpu;
}

void WorkerPool::review() {
  for (const auto& slot : slots_) retire_if_due(*slot);
}

void WorkerPool::on_ready(Worker* worker, const render::Hello& hello) {
  unhealthy_reason_.clear();
  encoders_ = hello.encoders;
  const std::string lane = worker->lane();
  log::info("worker ready", {{"worker", worker->pid()}, {"lane", lane}, {"version", hello.version}});
  events_.on_worker_free(lane);
}

void WorkerPool::note_start_failure(const std::string& why) {
  ++failed_starts_;
  const auto delay = full_jitter(options_.restart, failed_starts_, random_) + options_.restart.initial;
  if (failed_starts_ >= options_.starts_before_unhealthy) {
    unhealthy_reason_ = "workers do not start: " + why;
  }
  log::error("worker did not start",
             {{"reason", why}, {"failed_starts", failed_starts_}, {"retry_in", format_duration(delay)}});
  restart_timer_.once(delay, [this] { try_again(); });
}

void WorkerPool::try_again() {
  if (!unhealthy_reason_.empty() && slots_.empty()) start_worker(options_.capacity.begin()->first);
  for (const auto& lane : options_.capacity) events_.on_worker_free(lane.first);
}

void WorkerPool::on_gone(Worker* worker, const std::string& reason) {
  const std::string lane = worker->lane();
  const bool never_worked = worker->stages_done() == 0 && worker->job().empty();
  log::debug("worker gone", {{"worker", worker->pid()}, {"lane", lane}, {"reason", reason}});
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [&](const auto& slot) { return slot->worker.get() == worker; });
  VIVID_CHECK(found != slots_.end());
  // The worker is on the stack: it goes when the loop comes round again.
  retired_.push_back(std::move(*found));
  slots_.erase(found);
  reaper_.once(std::chrono::milliseconds(0), [this] { retired_.clear(); });
  events_.on_worker_gone(reason);
  const bool by_itself = reason == "exited" || reason == "signal" || reason == "protocol";
  if (!shutting_down_) {
    if (reason == "start_failed") note_start_failure("it ended before it was ready");
    if (by_itself && never_worked) note_start_failure("it ended before it had anything to do");
  }
  if (slots_.empty() && on_all_gone_) {
    const auto done = std::move(on_all_gone_);
    on_all_gone_ = nullptr;
    done();
  }
  if (!shutting_down_) events_.on_worker_free(lane);
}

std::string WorkerPool::retirement_reason(const Slot& slot) const {
  const Worker& worker = *slot.worker;
  if (worker.stages_done() >= options_.max_stages) return "recycled_jobs";
  if (clock_.steady_now() - worker.started_at() >= options_.max_age) return "recycled_age";
  if (resident_bytes(worker.pid()) > options_.max_memory_bytes) return "recycled_memory";
  if (workers_in(worker.lane()) > capacity_of(worker.lane())) return "idle";
  if (events_.is_misplaced && events_.is_misplaced(slot.gpu)) return "other_gpu";
  return shutting_down_ ? "shutdown" : "";
}

void WorkerPool::retire_if_due(Slot& slot) {
  if (slot.reserved || slot.worker->state() != WorkerState::idle) return;
  const std::string reason = retirement_reason(slot);
  if (reason.empty()) return;
  log::info("worker is replaced", {{"worker", slot.worker->pid()},
                                   {"lane", slot.worker->lane()},
                                   {"reason", reason},
                                   {"stages_done", slot.worker->stages_done()},
                                   {"resident", format_size(resident_bytes(slot.worker->pid()))}});
  slot.worker->stop(reason, options_.grace, std::nullopt);
}

void WorkerPool::shut_down(std::chrono::milliseconds grace, std::function<void()> done) {
  shutting_down_ = true;
  restart_timer_.stop();
  if (slots_.empty()) return done();
  on_all_gone_ = std::move(done);
  for (const auto& slot : slots_) {
    slot->worker->stop("shutdown", grace, Error{ErrorCode::unavailable, "vividd is stopping"});
  }
}

void WorkerPool::hurry(std::chrono::milliseconds grace) {
  for (const auto& slot : slots_) slot->worker->stop("shutdown", grace, std::nullopt);
}

std::vector<WorkerSnapshot> WorkerPool::snapshot() const {
  std::vector<WorkerSnapshot> all;
  all.reserve(slots_.size());
  for (const auto& slot : slots_) {
    const Worker& worker = *slot->worker;
    all.push_back({worker.pid(), worker.lane(), worker.state(), worker.job(), worker.stage(), slot->gpu,
                   worker.stages_done(), resident_bytes(worker.pid()),
                   std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - worker.started_at())});
  }
  return all;
}

}  // namespace vivid::daemon
