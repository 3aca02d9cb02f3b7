#include "daemon/workers/worker.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace vivid::daemon {
namespace {

// A worker opens fonts and probes encoders before it says hello.
constexpr std::chrono::milliseconds kStartLimit{60'000};
constexpr std::chrono::milliseconds kBrokenGrace{0};

log::Level level_from(const std::string& text) {
  if (text == "debug") return log::Level::debug;
  if (text == "warning") return log::Level::warning;
  return text == "error" ? log::Level::error : log::Level::info;
}

// What a worker's own line says beside its message, for ours.
void append_json_fields(const nlohmann::json& object, log::Fields& fields) {
  for (const auto& [name, value] : object.items()) {
    const bool ours = name == "time" || name == "level" || name == "program" || name == "message" || name == "job" ||
                      name == "stage" || name == "attempt" || name == "correlation_id";
    if (ours) continue;
    if (value.is_string()) {
      fields.emplace_back(name, value.get<std::string>());
    } else if (value.is_boolean()) {
      fields.emplace_back(name, value.get<bool>());
    } else if (value.is_number_integer()) {
      fields.emplace_back(name, value.get<std::int64_t>());
    } else if (value.is_number()) {
      fields.emplace_back(name, value.get<double>());
    }
  }
}

}  // namespace

std::string_view to_text(WorkerState state) {
  constexpr std::array<std::string_view, 4> kNames{"starting", "idle", "busy", "stopping"};
  return kNames[static_cast<std::size_t>(state)];
}

Worker::Worker(const Clock& clock, std::string lane, Events events)
    : lane_(std::move(lane)), events_(std::move(events)), started_at_(clock.steady_now()) {}

Result<std::unique_ptr<Worker>> Worker::start(uv_loop_t* loop, const Clock& clock, const std::filesystem::path& program,
                                              const std::vector<std::string>& environment, std::string lane,
                                              Events events) {
  std::unique_ptr<Worker> worker(new Worker(clock, std::move(lane), std::move(events)));
  Worker* self = worker.get();
  ChildOptions options;
  options.arguments = {program.string(), "--worker"};
  options.with_channel = true;
  options.extra_environment = environment;
  options.max_message_bytes = render::kMaxMessageBytes;
  ChildEvents child_events;
  child_events.on_output = [self](std::string_view line) { self->log_output(line); };
  child_events.on_message = [self](std::string_view line) { self->on_message(line); };
  child_events.on_bad_message = [self] { self->on_broken_protocol("sent a message longer than allowed"); };
  child_events.on_exit = [self](const ChildExit& exit) { self->on_exit(exit); };
  VIVID_ASSIGN(worker->child_, ChildProcess::spawn(loop, options, std::move(child_events)));
  worker->start_timer_ = std::make_unique<Timer>(loop);
  worker->start_timer_->once(kStartLimit, [self] {
    log::error("worker does not get ready", {{"worker", self->pid()}, {"lane", self->lane_}});
    self->stop("start_failed", kBrokenGrace, std::nullopt);
  });
  return worker;
}

log::Fields Worker::fields() const {
  log::Fields fields{{"worker", pid()}, {"lane", lane_}};
  if (!job_.empty()) {
    fields.insert(fields.begin(),
                  {{"correlation_id", correlation_id_}, {"job", job_}, {"stage", stage_}, {"attempt", attempt_}});
  }
  return fields;
}

void Worker::log_output(std::string_view line) const {
  log::Fields line_fields = fields();
  const auto parsed = nlohmann::json::parse(line, nullptr, false);
  if (!parsed.is_object()) {
    log::write(log::Level::info, line, line_fields);
    return;
  }
  const auto text = [&parsed](const char* name) {
    const auto found = parsed.find(name);
    return found != parsed.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  append_json_fields(parsed, line_fields);
  log::write(level_from(text("level")), text("message"), line_fields);
}

void Worker::run(const render::Task& task, TaskEvents events) {
  VIVID_CHECK(state_ == WorkerState::idle);
  state_ = WorkerState::busy;
  job_ = task.job;
  stage_ = task.stage;
  correlation_id_ = task.correlation_id;
  attempt_ = task.attempt;
  task_ = std::move(events);
  last_progress_.reset();
  child_->send(render::encode(task));
}

void Worker::on_broken_protocol(const std::string& what) {
  if (state_ == WorkerState::stopping) return;
  log::error("worker " + what, fields());
  stop("protocol", kBrokenGrace, Error{ErrorCode::worker_crashed, "the worker " + what});
}

void Worker::on_message(std::string_view line) {
  auto message = render::decode_worker_message(line);
  if (!message) return on_broken_protocol("does not speak the protocol: " + message.error().message);
  if (auto* hello = std::get_if<render::Hello>(&*message)) {
    if (state_ != WorkerState::starting) return;
    start_timer_->stop();
    hello_ = std::move(*hello);
    state_ = WorkerState::idle;
    return events_.on_ready(hello_);
  }
  // A worker told to stop may still finish in time: its result counts.
  if (!task_.on_done) return;
  if (auto* progress = std::get_if<render::Progress>(&*message)) {
    last_progress_ = *progress;
    if (task_.on_progress) task_.on_progress(*progress);
  } else if (auto* result = std::get_if<render::StageResult>(&*message)) {
    auto steps = result->steps;
    finish_task({std::move(*result), std::move(steps), last_progress_});
  } else if (auto* failure = std::get_if<render::Failure>(&*message)) {
    Error error = stop_error_.value_or(failure->error);
    finish_task({tl::make_unexpected(std::move(error)), std::move(failure->steps), last_progress_});
  }
}

// While the worker is being stopped it may not be given away, but its task is over: nothing of it runs on once the
// result is written, and the rest of its group is killed with it.
void Worker::finish_task(TaskOutcome outcome) {
  if (state_ == WorkerState::stopping && !outcome.result) {
    // Reported when the process is gone, so that two copies never run side by side.
    stop_error_ = outcome.result.error();
    return;
  }
  const auto done = std::move(task_.on_done);
  task_ = {};
  job_.clear();
  ++stages_done_;
  if (state_ == WorkerState::busy) {
    state_ = WorkerState::idle;
    events_.on_idle();
  }
  done(std::move(outcome));
}

void Worker::stop(const std::string& reason, std::chrono::milliseconds grace, std::optional<Error> error) {
  if (state_ != WorkerState::stopping) stop_reason_ = reason;
  if (error && !stop_error_) stop_error_ = std::move(error);
  const bool was_idle = state_ == WorkerState::idle;
  state_ = WorkerState::stopping;
  if (was_idle) child_->close_channel();
  child_->end(grace);
}

void Worker::on_exit(const ChildExit& exit) {
  start_timer_->stop();
  const bool expected = state_ == WorkerState::stopping;
  if (!expected) log::warning("worker " + exit.describe(), fields());
  std::string reason = stop_reason_;
  if (!expected) {
    reason = state_ == WorkerState::starting ? "start_failed" : (exit.signal != 0 ? "signal" : "exited");
  }
  state_ = WorkerState::stopping;
  const auto done = std::move(task_.on_done);
  task_ = {};
  Error error = stop_error_.value_or(Error{ErrorCode::worker_crashed, "the worker " + exit.describe()});
  const auto gone = std::move(events_.on_gone);
  const auto last = last_progress_;
  // The pool forgets the worker, which destroys it; then the task's owner hears.
  gone(reason);
  if (done) done({tl::make_unexpected(std::move(error)), {}, last});
}

}  // namespace vivid::daemon
