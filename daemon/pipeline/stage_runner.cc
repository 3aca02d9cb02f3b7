#include "daemon/pipeline/stage_runner.h"

#include "daemon/pipeline/gpu_run.h"
#include "daemon/pipeline/hook_run.h"
#include "daemon/pipeline/job_plan.h"
#include "daemon/pipeline/recovery.h"
#include "daemon/pipeline/stage_work.h"

namespace vivid::daemon {
namespace {

// What the student prefers stands above what the host is set to.
void apply(const Preferences& preferences, render::RenderOptions& options) {
  constexpr int kAspectWidth = 16;
  constexpr int kAspectHeight = 9;
  if (preferences.height_px > 0) {
    options.height_px = preferences.height_px;
    options.width_px = preferences.height_px * kAspectWidth / kAspectHeight;
  }
  if (preferences.watermark) options.watermark = *preferences.watermark;
  if (preferences.captions) options.captions = render::CaptionMode::shown;
  if (preferences.burnt_in_captions) options.captions = render::CaptionMode::burnt_in;
  options.audio_descriptions = preferences.audio_descriptions;
  options.high_contrast = preferences.high_contrast;
  options.font_scale = preferences.font_scale;
  options.language = preferences.language;
  options.voice = preferences.voice;
  options.formats.add(preferences.formats);
}

class WorkerRun : public StageRun {
 public:
  WorkerRun(WorkerPool& workers, WorkerName worker) : workers_(workers), worker_(worker) {}
  void stop(const Error& why) override { workers_.stop(worker_, std::string(to_text(why.code)), why); }

 private:
  WorkerPool& workers_;
  const WorkerName worker_;
};

class ThreadRun : public StageRun {
 public:
  explicit ThreadRun(std::shared_ptr<WorkControl> control) : control_(std::move(control)) {}
  ~ThreadRun() override { control_->stop = true; }
  void stop(const Error& why) override {
    why_ = why;
    control_->stop = true;
  }
  const std::optional<Error>& why() const { return why_; }

 private:
  std::shared_ptr<WorkControl> control_;
  std::optional<Error> why_;
};

StageReport report_of(Result<WorkResult> work) {
  if (!work) return {tl::make_unexpected(std::move(work).error()), {}, {}, std::nullopt};
  auto steps = work->result.steps;
  return {std::move(work->result), std::move(work->json), std::move(steps), std::nullopt};
}

}  // namespace

std::unique_ptr<StageRun> StageRunner::start(const StageContext& context, std::optional<WorkerName> worker,
                                             StageEvents events) {
  if (worker) return start_worker_stage(context, *worker, std::move(events));
  if (context.lease.stage == kStageNotification) return start_notification(context, std::move(events));
  return start_own_stage(context, std::move(events));
}

std::unique_ptr<StageRun> StageRunner::start_worker_stage(const StageContext& context, WorkerName worker,
                                                          StageEvents events) {
  render::Task task;
  task.job = context.lease.uid;
  task.correlation_id = context.lease.correlation_id;
  task.stage = context.lease.stage;
  task.attempt = context.lease.key.attempt;
  task.work_directory = context.folder;
  task.options = options_.render;
  if (const Request* request = context.request()) {
    task.options.scene_images = contains(request->modalities, Modality::images);
    apply(request->preferences, task.options);
  }
  task.input = context.script;
  if (parts_.gpus != nullptr) {
    if (const int sessions = sessions_needed(context, task.options); sessions > 0) {
      return start_gpu_run({parts_.loop, *parts_.clock, parts_.workers, *parts_.gpus},
                           {worker, std::move(task), sessions, context.gpu_failure, options_.session_wait},
                           std::move(events));
    }
  }
  parts_.workers.run(worker, task, task_events(std::move(events)));
  return std::make_unique<WorkerRun>(parts_.workers, worker);
}

std::unique_ptr<StageRun> StageRunner::start_own_stage(const StageContext& context, StageEvents events) {
  auto control = std::make_shared<WorkControl>();
  auto run = std::make_unique<ThreadRun>(control);
  control->progress = [poster = parts_.poster, on_progress = events.on_progress](const render::Progress& progress) {
    poster([on_progress, progress] { on_progress(progress); });
  };
  auto work = [context, control, options = options_, parts = parts_]() -> Result<WorkResult> {
    if (context.lease.stage == kStageValidation) return validate_stage(context, options.environment);
    if (context.lease.stage == kStageScriptGeneration) return script_stage(context, parts.scripts);
    if (context.lease.stage == kStageVideoProcessing) {
      return publish_stage(context, {parts.store, options.bucket, options.cache_control, options.parallel_uploads},
                           control);
    }
    return fail(ErrorCode::unsupported, "nothing here runs stage " + context.lease.stage);
  };
  auto answer = [finished = events.on_finished](Result<WorkResult> result) { finished(report_of(std::move(result))); };
  if (Status submitted = parts_.pool.submit(std::move(work), std::move(answer)); !submitted) {
    parts_.poster([finished = events.on_finished, error = submitted.error()] {
      finished({tl::make_unexpected(error), {}, {}, std::nullopt});
    });
  }
  return run;
}

std::unique_ptr<StageRun> StageRunner::start_notification(const StageContext& context, StageEvents events) {
  HookOptions hook{options_.notify_command, {options_.owner_mark, job_mark(context.lease.uid)}, options_.grace};
  return start_hook(parts_.loop, parts_.poster, std::move(hook), notification_json(context), context.lease,
                    std::move(events));
}

}  // namespace vivid::daemon
