#include "daemon/vividd/settings.h"

#include <map>
#include <tuple>
#include <utility>

#include "daemon/pipeline/recovery.h"

namespace vivid::daemon {
namespace {

queue::StageLimits limits_from(const config::StageLimit& limit) {
  return {limit.start_to_close, limit.silence, limit.max_attempts};
}

std::map<std::string, int> worker_lanes(const config::Config& config) {
  return {{std::string(kLaneRender), config.lanes.render}, {std::string(kLaneCpu), config.lanes.cpu}};
}

// Validation and script generation are short; a bound is needed, an option for it is not.
constexpr int kIntakeCapacity = 4;
constexpr int kSpareStageThreads = 2;

bool is_live(const std::string& key) {
  if (key == "gpu.watch_interval" || key == "gpu.probe_limit") return false;
  for (const char* section : {"log.level", "lanes.", "stages.", "workers.", "render.", "gpu.", "formats.", "notify.",
                              "admission.", "shutdown.", "cost.", "prices.", "queue.keep", "queue.max_waiting_jobs",
                              "central.max_undelivered", "central.jobs_ahead"}) {
    if (key.starts_with(section)) return true;
  }
  return false;
}

}  // namespace

PlanOptions plan_options(const config::Config& config) {
  PlanOptions options;
  const config::Stages& stages = config.stages;
  options.limits = {{"validation", limits_from(stages.validation)},
                    {"script_generation", limits_from(stages.script_generation)},
                    {"audio_synthesis", limits_from(stages.audio_synthesis)},
                    {"image_generation", limits_from(stages.image_generation)},
                    {"video_generation", limits_from(stages.video_generation)},
                    {"format_conversion", limits_from(stages.format_conversion)},
                    {"video_processing", limits_from(stages.video_processing)},
                    {"notification", limits_from(stages.notification)}};
  options.notify = !config.notify.command.empty();
  return options;
}

WorkerPoolOptions worker_options(const config::Config& config) {
  WorkerPoolOptions options;
  options.program = config.paths.worker;
  options.environment = {owner_mark(config.paths.state_directory)};
  options.max_stages = config.workers.max_jobs;
  options.max_memory_bytes = config.workers.max_memory_bytes;
  options.max_age = config.workers.max_age;
  options.grace = config.workers.grace;
  options.capacity = worker_lanes(config);
  return options;
}

DispatcherOptions dispatcher_options(const config::Config& config) {
  DispatcherOptions options;
  options.capacity = worker_lanes(config);
  options.capacity[std::string(kLaneNet)] = config.lanes.net;
  options.capacity[std::string(kLaneIntake)] = kIntakeCapacity;
  options.whole_request = config.stages.whole_request;
  return options;
}

render::Formats wanted_formats(const config::Formats& config) {
  render::Formats formats;
  const auto add = [&formats](bool wanted, render::Format format) {
    if (wanted) formats.add(format);
  };
  add(config.srt, render::Format::srt);
  add(config.poster, render::Format::poster);
  add(config.thumbnails, render::Format::thumbnails);
  add(config.sprite, render::Format::sprite);
  add(config.mp3, render::Format::mp3);
  add(config.ladder, render::Format::ladder);
  add(config.hls, render::Format::hls);
  add(config.webm, render::Format::webm);
  return formats;
}

StageRunnerOptions runner_options(const config::Config& config) {
  StageRunnerOptions options;
  options.environment = config.host.environment;
  options.bucket = config.storage.bucket;
  options.cache_control = config.storage.cache_control;
  // A folder's disk is not faster for many at once.
  options.parallel_uploads = config.storage.url.starts_with("gs://") ? config.storage.parallel : 1;
  options.notify_command = config.notify.command;
  options.owner_mark = owner_mark(config.paths.state_directory);
  options.grace = config.workers.grace;
  render::RenderOptions& render = options.render;
  render.width_px = config.render.width_px;
  render.height_px = config.render.height_px;
  render.frames_per_second = config.render.frames_per_second;
  render.encoder = config.render.encoder;
  render.hardware = config.render.hardware == "required" ? render::HardwareMode::required
                    : config.render.hardware == "never"  ? render::HardwareMode::never
                                                         : render::HardwareMode::if_possible;
  options.session_wait = config.gpu.session_wait;
  render.nvenc = {config.gpu.preset, config.gpu.quality, static_cast<int>(config.gpu.max_bit_rate),
                  config.gpu.aq_strength, config.gpu.look_ahead};
  render.preset = config.render.preset;
  render.crf = config.render.crf;
  render.keyframe_seconds = config.render.keyframe_seconds;
  render.hold_still_frames = config.render.hold_still_frames;
  render.encoder_threads = config.render.encoder_threads;
  render.parallel_spans = config.render.parallel_spans;
  render.span_cache.max_bytes = config.render.span_cache.max_bytes;
  if (config.render.span_cache.enabled) render.span_cache.directory = config.render.span_cache.directory;
  render.speech = config.render.speech;
  render.words_per_minute = config.render.words_per_minute;
  render.watermark = config.render.watermark;
  render.progress_line = config.render.progress_line;
  render.formats = wanted_formats(config.formats);
  render.music = config.render.music;
  render.equations = {config.render.equations.command, config.render.equations.package, config.render.equations.cache,
                      config.render.equations.time_limit};
  render.asset_root = config.paths.assets;
  return options;
}

GpuFleetOptions gpu_fleet_options(const config::Config& config) {
  constexpr int kLongestRest = 20;
  GpuFleetOptions options;
  options.sessions = config.gpu.sessions;
  options.system_sessions = config.gpu.system_sessions;
  options.start_interval = config.gpu.start_interval;
  options.breaker = {config.gpu.breaker_failures, config.gpu.breaker_rest, kLongestRest * config.gpu.breaker_rest};
  return options;
}

GpuWatchOptions gpu_watch_options(const config::Config& config) {
  GpuWatchOptions options;
  options.program = config.paths.worker;
  options.environment = {owner_mark(config.paths.state_directory)};
  options.cache = config.paths.state_directory / "gpu-probe.json";
  options.interval = std::chrono::ceil<std::chrono::seconds>(config.gpu.watch_interval);
  options.limit = config.gpu.probe_limit;
  return options;
}

int stage_threads(const config::Config& config) { return config.lanes.net + kIntakeCapacity + kSpareStageThreads; }

queue::Options queue_options(const config::Config& config) {
  queue::Options options;
  options.path = config.queue.path;
  options.max_crashes = config.queue.max_crashes;
  options.priority_step = config.queue.priority_step;
  options.retry = {config.queue.retry_initial, config.queue.retry_maximum, 2.0};
  return options;
}

log::Level log_level(const config::Config& config) {
  if (config.log.level == "debug") return log::Level::debug;
  if (config.log.level == "warning") return log::Level::warning;
  return config.log.level == "error" ? log::Level::error : log::Level::info;
}

config::Config with_live_part(config::Config config, const config::Config& fresh) {
  config.log.level = fresh.log.level;
  config.lanes = fresh.lanes;
  config.stages = fresh.stages;
  config.workers = fresh.workers;
  config.render = fresh.render;
  // How GPUs are watched is settled when the watch begins.
  const auto watching = std::pair(config.gpu.watch_interval, config.gpu.probe_limit);
  config.gpu = fresh.gpu;
  std::tie(config.gpu.watch_interval, config.gpu.probe_limit) = watching;
  config.notify = fresh.notify;
  config.admission = fresh.admission;
  config.shutdown = fresh.shutdown;
  config.cost = fresh.cost;
  config.prices = fresh.prices;
  config.central.max_undelivered = fresh.central.max_undelivered;
  config.central.jobs_ahead = fresh.central.jobs_ahead;
  config.queue.keep_finished = fresh.queue.keep_finished;
  config.queue.keep_dead = fresh.queue.keep_dead;
  config.queue.max_waiting_jobs = fresh.queue.max_waiting_jobs;
  return config;
}

ConfigChange compare(const config::Config& before, const config::Config& after) {
  ConfigChange change;
  change.changed = config::changed_keys(before, after);
  for (const std::string& key : change.changed) {
    if (!is_live(key)) change.needs_restart.push_back(key);
  }
  return change;
}

}  // namespace vivid::daemon
