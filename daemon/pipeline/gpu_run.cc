#include "daemon/pipeline/gpu_run.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/loop/timer.h"
#include "daemon/pipeline/job_plan.h"

namespace vivid::daemon {
namespace {

using render::HardwareMode;

constexpr std::string_view kNvenc = "_nvenc";
constexpr std::string_view kPreferred = "h264_nvenc";
// A wait is no silence: whoever waits for long says so.
constexpr std::chrono::milliseconds kLongestSleep{1'000};
// Heights of smaller videos, as render/formats makes them.
constexpr std::array kRungs{1080, 720, 480};

bool is_nvenc(std::string_view encoder) { return encoder.ends_with(kNvenc); }

bool says_taken(const std::string& reason) {
  return reason.find("out of memory (10)") != std::string::npos ||
         reason.find("incompatible client key (21)") != std::string::npos;
}

GpuOutcome outcome_of(const TaskOutcome& outcome, bool stopped_for_other_reasons) {
  if (outcome.result) {
    // A format stage says nothing of encoders.
    if (is_nvenc(outcome.result->encoder) || outcome.result->encoder.empty()) return GpuOutcome::ok;
    if (outcome.result->fallback_reason.empty()) return GpuOutcome::undecided;
    return says_taken(outcome.result->fallback_reason) ? GpuOutcome::taken : GpuOutcome::failed;
  }
  if (stopped_for_other_reasons) return GpuOutcome::undecided;
  switch (outcome.result.error().code) {
    case ErrorCode::resource_exhausted:
      return GpuOutcome::taken;
    case ErrorCode::silence:
    case ErrorCode::worker_crashed:
    case ErrorCode::unavailable:
    case ErrorCode::unsupported:  // what the probe found is no longer so
      return GpuOutcome::failed;
    default:
      return GpuOutcome::undecided;
  }
}

class GpuRun : public StageRun {
 public:
  GpuRun(GpuRunParts parts, GpuTask task, StageEvents events)
      : parts_(parts),
        task_(std::move(task)),
        events_(std::move(events)),
        gpu_(parts_.workers.gpu_of(task_.worker)),
        encoder_(task_.task.options.encoder == "auto" ? std::string(kPreferred) : task_.task.options.encoder),
        began_(parts_.clock.steady_now()),
        timer_(parts_.loop) {}
  ~GpuRun() override {
    if (granted_) parts_.gpus.release(gpu_, task_.sessions, GpuOutcome::undecided);
    if (!running_ && !over_) parts_.workers.release(task_.worker);
  }

  // Never ends it at once: whoever starts a run does not have it yet.
  void start() {
    if (!task_.earlier_failure.empty() && !required()) {
      return run_without("an attempt before this one failed on the GPU: " + task_.earlier_failure);
    }
    ask();
  }

  void stop(const Error& why) override {
    if (over_) return;
    if (running_) {
      blameless_ = why.code != ErrorCode::silence;
      return parts_.workers.stop(task_.worker, std::string(to_text(why.code)), why);
    }
    timer_.once(std::chrono::milliseconds(0), [this, why] { end_unrun(why); });
  }

 private:
  bool required() const { return task_.task.options.hardware == HardwareMode::required; }

  void ask() {
    if (!parts_.workers.holds(task_.worker)) {
      timer_.once(std::chrono::milliseconds(0), [this] {
        end_unrun({ErrorCode::unavailable, "the worker ended while it waited for an encoder session"});
      });
      return;
    }
    const GpuAnswer answer = parts_.gpus.ask(gpu_, encoder_, task_.sessions);
    if (answer.kind == GpuAnswer::Kind::granted) {
      granted_ = true;
      return run();
    }
    // Where a GPU is required and there is none, the worker says so best.
    if (answer.kind == GpuAnswer::Kind::refused) return required() ? run() : run_without(answer.reason);
    const auto waited = parts_.clock.steady_now() - began_;
    if (!required() && waited >= task_.longest_wait) return run_without(answer.reason);
    render::Progress progress;
    progress.step = "wait";
    if (asked_) events_.on_progress(progress);
    asked_ = true;
    timer_.once(std::min(answer.retry_in, kLongestSleep), [this] { ask(); });
  }

  void run_without(const std::string& reason) {
    task_.task.options.hardware_refused = reason;
    run();
  }

  void run() {
    running_ = true;
    TaskEvents events;
    events.on_progress = events_.on_progress;
    events.on_done = [this](TaskOutcome outcome) { end(std::move(outcome)); };
    parts_.workers.run(task_.worker, task_.task, std::move(events));
  }

  void end(TaskOutcome outcome) {
    over_ = true;
    StageReport report{std::move(outcome.result), {}, std::move(outcome.steps), outcome.last_progress};
    if (std::exchange(granted_, false)) {
      report.gpu = gpu_;
      const TaskOutcome judged{report.result, {}, std::nullopt};
      parts_.gpus.release(gpu_, task_.sessions, outcome_of(judged, blameless_));
    }
    if (report.result) report.json = render::to_json(*report.result);
    const auto finished = std::move(events_.on_finished);
    finished(std::move(report));
  }

  void end_unrun(const Error& why) {
    over_ = true;
    parts_.workers.release(task_.worker);
    const auto finished = std::move(events_.on_finished);
    finished({tl::make_unexpected(why), {}, {}, std::nullopt});
  }

  GpuRunParts parts_;
  GpuTask task_;
  StageEvents events_;
  const std::string gpu_;
  const std::string encoder_;
  const SteadyTime began_;
  bool asked_ = false;
  bool granted_ = false;
  bool running_ = false;
  bool over_ = false;
  bool blameless_ = false;  // it was stopped for a reason that is not the GPU's
  Timer timer_;
};

}  // namespace

int sessions_needed(const StageContext& context, const render::RenderOptions& options) {
  if (options.hardware == HardwareMode::never) return 0;
  if (context.lease.stage == render::kStageVideoGeneration) {
    return options.encoder == "auto" || is_nvenc(options.encoder) ? 1 : 0;
  }
  const bool smaller = options.formats.has(render::Format::ladder) || options.formats.has(render::Format::hls);
  if (context.lease.stage != render::kStageFormatConversion || !smaller) return 0;
  for (const StageOutput& output : context.outputs) {
    if (output.stage != render::kStageVideoGeneration || !is_nvenc(output.result.encoder)) continue;
    return static_cast<int>(
        std::count_if(kRungs.begin(), kRungs.end(), [&](int height_px) { return height_px < options.height_px; }));
  }
  return 0;
}

std::unique_ptr<StageRun> start_gpu_run(GpuRunParts parts, GpuTask task, StageEvents events) {
  auto run = std::make_unique<GpuRun>(parts, std::move(task), std::move(events));
  run->start();
  return run;
}

TaskEvents task_events(StageEvents events) {
  TaskEvents task;
  task.on_progress = events.on_progress;
  task.on_done = [finished = events.on_finished](TaskOutcome outcome) {
    std::string json = outcome.result ? render::to_json(*outcome.result) : std::string();
    finished({std::move(outcome.result), std::move(json), std::move(outcome.steps), outcome.last_progress});
  };
  return task;
}

}  // namespace vivid::daemon
