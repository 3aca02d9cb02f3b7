#include "daemon/vividd/vividd.h"

#include <signal.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/files.h"
#include "base/units.h"
#include "daemon/vividd/central.h"
#include "daemon/vividd/job_json.h"
#include "daemon/vividd/observation.h"
#include "daemon/vividd/settings.h"
#include "daemon/vividd/socket_directory.h"
#include "daemon/vividd/status_json.h"

namespace vivid::daemon {
namespace {

constexpr std::chrono::milliseconds kSecond{1'000};
constexpr std::chrono::milliseconds kHurriedGrace{500};
// Beyond the drain limit and the workers' grace: for what was ended to be noted, then for everything to be taken down.
constexpr std::chrono::milliseconds kLastMargin{3'000};
constexpr std::chrono::milliseconds kTakeDown{5'000};
constexpr std::chrono::milliseconds kGoodbye{2'000};  // for clients to read their last answers
// A folder takes a text at once; a bucket is asked over the network, a few times for each text.
constexpr int kTextThreads = 2;
constexpr int kCloudTextThreads = 16;

// The control socket that systemd hands in; -1: it does not.
Result<int> handed_in_socket() {
  const int count = sd_listen_fds(1);
  if (count < 0) return tl::make_unexpected(errno_error(-count, "sockets of systemd"));
  if (count > 1) {
    return fail(ErrorCode::invalid_input,
                "systemd hands in " + std::to_string(count) + " sockets; allowed: one, the control socket");
  }
  return count == 0 ? -1 : SD_LISTEN_FDS_START;
}

}  // namespace

Vividd::Vividd(config::Config config, std::function<Result<config::Config>()> load_config) {
  VIVID_CHECK(uv_loop_init(&loop_) == 0);
  parts_.loop = &loop_;
  parts_.config = std::move(config);
  parts_.load_config = std::move(load_config);
}

Vividd::~Vividd() {
  log::set_tap({});
  // Whoever asks from a thread of its own goes first, then those who are asked; the loop frees its handles last.
  if (parts_.central) parts_.central->stop();
  if (parts_.storage.client) parts_.storage.client->stop();
  parts_.http.reset();
  parts_.control.reset();
  signals_.reset();
  second_timer_.reset();
  drain_timer_.reset();
  last_timer_.reset();
  parts_.text_pool.reset();
  parts_.intake_pool.reset();
  parts_.read_pool.reset();
  parts_.stage_pool.reset();
  parts_.watch_pool.reset();
  parts_.queue.reset();
  parts_.central.reset();
  parts_.dispatcher.reset();
  parts_.board.reset();
  parts_.watchers.reset();
  parts_.text_path.reset();
  parts_.runner.reset();
  parts_.workers.reset();
  parts_.gpu_watch.reset();
  parts_.gpus.reset();
  parts_.admission.reset();
  methods_.reset();
  survivors_.reset();
  observer_.reset();
  housekeeping_.reset();
  parts_.mailbox.reset();
  uv_run(&loop_, UV_RUN_DEFAULT);
  VIVID_CHECK(uv_loop_close(&loop_) == 0);
}

Status Vividd::open_stores() {
  const config::Config& config = parts_.config;
  VIVID_TRY(make_directories(config.paths.state_directory));
  VIVID_TRY(make_directories(config.paths.spool));
  VIVID_TRY(make_directories(config.queue.path.parent_path()));
  parts_.metrics = std::make_unique<Metrics>();
  JobLogOptions log_options;
  log_options.directory = config.paths.state_directory / "joblog";
  VIVID_ASSIGN(parts_.job_log, JobLog::open(std::move(log_options)));
  log::set_tap(parts_.job_log->tap());
  VIVID_ASSIGN(parts_.queue, queue::JobQueue::open(queue_options(config), parts_.clock));
  VIVID_ASSIGN(parts_.storage, open_object_store(config, parts_.clock));
  parts_.store = parts_.storage.store.get();
  parts_.scripts = make_template_script_provider();
  parts_.spool = std::make_unique<Spool>(config.paths.spool);
  if (const Status emptied = empty_scratch(parts_.text_options().scratch); !emptied) {
    log::warning("files of an earlier vividd stay", {{"reason", emptied.error().describe()}});
  }
  return {};
}

void Vividd::make_threads() {
  parts_.mailbox = std::make_unique<Mailbox>(&loop_);
  const auto pool = [this](const char* name, int threads) {
    return std::make_unique<TaskPool>(TaskPool::Options{name, threads, 20'000}, parts_.mailbox->poster());
  };
  parts_.text_pool = pool("text", parts_.storage.is_cloud() ? kCloudTextThreads : kTextThreads);
  parts_.intake_pool = pool("intake", 2);
  parts_.read_pool = pool("read", 2);
  parts_.stage_pool = pool("stage", stage_threads(parts_.config));
  parts_.watch_pool = pool("watch", 1);
}

void Vividd::make_pipeline() {
  const auto post = parts_.mailbox->poster();
  Admission::Options admission{parts_.config.paths.spool, parts_.config.admission.min_free_bytes};
  parts_.admission = std::make_unique<Admission>(
      &loop_, *parts_.watch_pool, admission, [&queue = *parts_.queue] { return queue.suspended(); },
      [this] { parts_.dispatcher->wake(); });
  make_gpus();
  parts_.workers = std::make_unique<WorkerPool>(
      &loop_, parts_.clock, worker_options(parts_.config),
      WorkerPool::Events{
          [this](const std::string&) { parts_.dispatcher->wake(); },
          [this](const std::string& reason) { parts_.metrics->worker_exited(reason); },
          [this](const std::string& lane, const std::vector<std::string>& gpus) -> std::optional<std::string> {
            // A worker that makes videos without a GPU would have to be replaced at once.
            if (lane == kLaneRender && !parts_.gpus->is_known()) return std::nullopt;
            return parts_.gpus->pick(gpus);
          },
          [this](const std::string& gpu) { return parts_.gpus->is_misplaced(gpu); }});
  parts_.runner =
      std::make_unique<StageRunner>(StageRunner::Parts{&loop_, post, *parts_.stage_pool, *parts_.workers, *parts_.store,
                                                       *parts_.scripts, parts_.gpus.get(), &parts_.clock},
                                    runner_options(parts_.config));
  parts_.text_path = std::make_unique<TextPath>(
      TextPath::Parts{parts_.clock, *parts_.text_pool, *parts_.store, *parts_.scripts,
                      [&queue = *parts_.queue](const std::string& uid) -> Result<bool> {
                        VIVID_ASSIGN(const auto state, queue.state_of(uid));
                        return state.has_value();
                      },
                      [this](const std::string& uid) { return methods_ && methods_->is_on_its_way(uid); }},
      parts_.text_options());
  parts_.watchers = std::make_unique<Watchers>(&loop_);
  parts_.board = std::make_unique<ProgressBoard>(parts_.clock, [this](const JobProgress& progress) {
    parts_.watchers->progress(progress);
    if (parts_.central) parts_.central->host().note_progress(progress);
  });
  housekeeping_ = std::make_unique<Housekeeping>(parts_);
  observer_ = std::make_unique<Observer>(parts_, *housekeeping_);
  parts_.dispatcher = std::make_unique<Dispatcher>(
      Dispatcher::Parts{&loop_, parts_.clock, post, *parts_.stage_pool, *parts_.queue, *parts_.workers, *parts_.runner,
                        *parts_.admission, *parts_.spool, *observer_},
      dispatcher_options(parts_.config));
  if (!parts_.config.central.database.empty()) {
    parts_.central =
        std::make_unique<Central>(parts_, [this](const queue::JobSummary& job) { observer_->job_cancelled(job); });
  }
  // Many commits a second become one letter.
  auto pending = std::make_shared<std::atomic<bool>>(false);
  parts_.queue->set_listener([this, post, pending] {
    if (pending->exchange(true)) return;
    post([this, pending] {
      pending->store(false);
      parts_.dispatcher->wake();
      if (parts_.central) parts_.central->wake();
    });
  });
}

void Vividd::make_gpus() {
  parts_.gpus = std::make_unique<GpuFleet>(parts_.clock, gpu_fleet_options(parts_.config));
  if (parts_.config.render.hardware == "never") {
    render::GpuReport none;
    none.state = render::GpuState::no_device;
    none.words = "render.hardware is never: GPUs are not looked for";
    return parts_.gpus->set_report(std::move(none));
  }
  parts_.gpu_watch = std::make_unique<GpuWatch>(
      &loop_, parts_.clock, gpu_watch_options(parts_.config),
      GpuWatch::Events{[this](render::GpuReport report) {
                         parts_.gpus->set_report(std::move(report));
                         parts_.workers->review();
                         parts_.dispatcher->wake();
                       },
                       [this](std::vector<render::GpuGauges> gauges) { parts_.gpu_gauges = std::move(gauges); }});
}

Status Vividd::open_doors() {
  const config::Config& config = parts_.config;
  VIVID_TRY(make_socket_directory(config.control.socket, config.control.group));
  methods_ = std::make_unique<Methods>(
      parts_,
      DaemonActions{[this](bool stop_after) { drain(stop_after); }, [this] { resume(); }, [this] { return reload(); },
                    [this](const queue::JobSummary& job) { observer_->job_cancelled(job); }});
  ControlOptions control;
  control.socket = config.control.socket;
  control.mode = config.control.mode;
  control.group = config.control.group;
  control.max_request_bytes = config.control.max_request_bytes;
  control.max_connections = config.control.max_connections;
  control.max_requests_per_second = config.control.max_requests_per_second;
  VIVID_ASSIGN(control.inherited_fd, handed_in_socket());
  VIVID_ASSIGN(parts_.control, ControlServer::open(&loop_, std::move(control), *methods_));
  if (!config.http.enabled) return {};
  HttpOptions http;
  http.address = config.http.address;
  http.port = config.http.port;
  http.metrics = [this] { return parts_.metrics->expose(); };
  http.readiness = [this] {
    const std::lock_guard lock(readiness_mutex_);
    return readiness_;
  };
  VIVID_ASSIGN(parts_.http, HttpServer::start(std::move(http), parts_.clock));
  log::info("http listens", {{"address", config.http.address}, {"port", parts_.http->port()}});
  return {};
}

Status Vividd::run() {
  VIVID_TRY(open_stores());
  make_threads();
  make_pipeline();
  VIVID_TRY(open_doors());
  signals_ = std::make_unique<Signals>(&loop_, std::vector<int>{SIGTERM, SIGINT, SIGHUP},
                                       [this](int number) { on_signal(number); });
  watch_time();
  parts_.admission->start();
  if (parts_.gpu_watch) parts_.gpu_watch->start();
  recover_survivors();
  log::info("vividd is up", {{"version", VIVID_VERSION},
                             {"state", parts_.config.paths.state_directory.string()},
                             {"socket", parts_.config.control.socket.string()}});
  uv_run(&loop_, UV_RUN_DEFAULT);
  log::info("vividd ends");
  return {};
}

// --- Survivors of an earlier daemon ----------------------------------------------------------------------------------

void Vividd::recover_survivors() {
  Survivors::Events events;
  events.on_job_ended = [this](const queue::Survivor& survivor, queue::JobState state) {
    parts_.board->changed(survivor.uid, state);
    observer_->job_ended(survivor.uid, survivor.correlation_id, state);
  };
  events.on_done = [this] { on_recovered(); };
  events.on_failed = [this](const Error& error) {
    log::error("survivors not read", {{"reason", error.describe()}});
    stop();
  };
  survivors_ = std::make_unique<Survivors>(parts_, std::move(events));
  survivors_->start();
}

void Vividd::on_recovered() {
  parts_.recovered = true;
  tell_readiness();
  if (parts_.state == RunState::running) parts_.dispatcher->start();
  housekeeping_->start();
  if (parts_.central) parts_.central->start();
  sd_notify(0, "READY=1\nSTATUS=Taking work");
  log::info("ready");
}

// --- Time ------------------------------------------------------------------------------------------------------------

void Vividd::watch_time() {
  second_timer_ = std::make_unique<Timer>(&loop_);
  second_timer_->every(kSecond, [this] {
    sd_notify(0, "WATCHDOG=1");
    if (parts_.http) parts_.http->beat();
    refresh();
  });
  refresh();
}

void Vividd::tell_readiness() {
  const std::string reason = unready_reason(parts_);
  const std::lock_guard lock(readiness_mutex_);
  readiness_ = {reason.empty(), reason};
  // Such a host goes on with what it has, and takes requests over its socket.
  if (readiness_.ready && parts_.central) readiness_.reason = parts_.central->concern();
}

// Gauges show what was last seen; the reads behind them never run twice at once.
void Vividd::refresh() {
  tell_readiness();
  parts_.metrics->observe_admission(parts_.admission->open(), parts_.admission->disk_free_bytes());
  const ControlStats stats = parts_.control->stats();
  parts_.metrics->observe_control(stats.connections, stats.connections_refused, stats.clients_too_slow,
                                  stats.notifications_dropped);
  parts_.metrics->observe_log(parts_.job_log->dropped());
  parts_.metrics->observe_encoders(encoders_of(parts_));
  parts_.workers->review();
  observe_gpus(parts_);
  observe_workers(parts_);
  if (parts_.central) parts_.central->refresh();
  if (refreshing_) return;
  const Status asked =
      parts_.watch_pool->submit([&queue = *parts_.queue] { return std::pair(queue.counts(), queue.paused_lanes()); },
                                [this](auto seen) {
                                  refreshing_ = false;
                                  if (!seen.first) return;
                                  parts_.counts = std::move(*seen.first);
                                  if (seen.second) parts_.paused_lanes = std::move(*seen.second);
                                  observe_queue(parts_);
                                });
  refreshing_ = asked.has_value();
}

// --- Signals, reload, end --------------------------------------------------------------------------------------------

void Vividd::on_signal(int number) {
  if (number == SIGHUP) {
    if (const auto changed = reload(); !changed) {
      log::error("configuration not reloaded", {{"reason", changed.error().describe()}});
    }
    return;
  }
  log::info("told to stop", {{"signal", number}});
  if (parts_.state == RunState::stopping) return hurry();
  stop();
}

Result<std::string> Vividd::reload() {
  VIVID_ASSIGN(const config::Config fresh, parts_.load_config());
  const ConfigChange change = compare(parts_.config, fresh);
  parts_.config = with_live_part(parts_.config, fresh);
  log::set_level(log_level(parts_.config));
  parts_.admission->set_min_free_bytes(parts_.config.admission.min_free_bytes);
  parts_.stage_pool->grow_to(stage_threads(parts_.config));
  parts_.runner->set_options(runner_options(parts_.config));
  parts_.gpus->set_options(gpu_fleet_options(parts_.config));
  parts_.workers->set_options(worker_options(parts_.config));
  parts_.dispatcher->set_options(dispatcher_options(parts_.config));
  if (parts_.central) parts_.central->take_settings();
  const nlohmann::json answer = {{"changed", change.changed}, {"needs_restart", change.needs_restart}};
  log::info("configuration reloaded", {{"changed", nlohmann::json(change.changed).dump()},
                                       {"needs_restart", nlohmann::json(change.needs_restart).dump()}});
  return to_text(answer);
}

void Vividd::drain(bool stop_after) {
  if (stop_after) return stop();
  // What ends the daemon waits for the last stage already.
  if (parts_.state == RunState::stopping) return;
  parts_.state = RunState::draining;
  if (parts_.central) parts_.central->refresh();
  log::info("draining", {{"running", parts_.dispatcher->running()}});
  parts_.dispatcher->drain([] { log::info("drained"); });
}

void Vividd::resume() {
  if (parts_.state != RunState::draining) return;
  parts_.state = RunState::running;
  log::info("taking work again");
  parts_.dispatcher->undo_drain();
  if (parts_.recovered) parts_.dispatcher->start();
}

void Vividd::stop() {
  if (parts_.state == RunState::stopping) return;
  parts_.state = RunState::stopping;
  sd_notify(0, "STOPPING=1\nSTATUS=Letting stages end");
  const auto limit = parts_.config.shutdown.drain_limit;
  log::info("stopping", {{"running", parts_.dispatcher->running()}, {"drain_limit", format_duration(limit)}});
  stop_limit_ = parts_.clock.steady_now() + limit;
  if (parts_.central) parts_.central->refresh();
  drain_timer_ = std::make_unique<Timer>(&loop_);
  drain_timer_->once(limit, [this] {
    log::warning("drain limit reached: stages are given back", {{"running", parts_.dispatcher->running()}});
    parts_.dispatcher->give_back_all();
    parts_.dispatcher->abandon_unsettled();
  });
  limit_the_end(limit + parts_.config.workers.grace + kLastMargin);
  parts_.dispatcher->drain([this] { end_workers(); });
}

void Vividd::limit_the_end(std::chrono::milliseconds limit) {
  if (!last_timer_) last_timer_ = std::make_unique<Timer>(&loop_);
  last_timer_->once(limit, [this] { give_up(); });
  last_resort_.set(limit + kTakeDown);
}

void Vividd::give_up() {
  log::error("vividd ends with work in hand; the next start recovers it",
             {{"running", parts_.dispatcher->running()}, {"workers", parts_.workers->snapshot().size()}});
  parts_.dispatcher->log_running();
  left_work_ = true;
  finish();
}

// Told a second time: nothing is waited for that can be done again later.
void Vividd::hurry() {
  parts_.config.workers.grace = std::min(parts_.config.workers.grace, kHurriedGrace);
  parts_.workers->set_options(worker_options(parts_.config));
  parts_.runner->set_options(runner_options(parts_.config));
  log::warning("told to stop again: stages are given back", {{"running", parts_.dispatcher->running()}});
  parts_.dispatcher->give_back_all();
  parts_.dispatcher->abandon_unsettled();
  limit_the_end(kHurriedGrace + kLastMargin);
  if (finishing_) parts_.workers->hurry(kHurriedGrace);
}

void Vividd::end_workers() {
  if (std::exchange(finishing_, true)) return;
  drain_timer_->stop();
  parts_.workers->shut_down(parts_.config.workers.grace, [this] {
    if (!parts_.central) return finish();
    parts_.central->when_delivered(stop_limit_, [this] { finish(); });
  });
}

void Vividd::finish() {
  if (std::exchange(closing_, true)) return;
  last_timer_->stop();
  parts_.control->close(kGoodbye, [this] { uv_stop(&loop_); });
}

}  // namespace vivid::daemon
