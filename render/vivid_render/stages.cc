#include "render/vivid_render/stages.h"

#include <sys/resource.h>

#include <array>
#include <string>

#include "render/encode/av_log.h"
#include "render/vivid_render/preferred_language.h"
#include "render/vivid_render/stage_functions.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

struct StageRow {
  std::string_view name;
  Status (*run)(StageCall& call);
};
constexpr std::array kStages{
    StageRow{kStageAudioSynthesis, &synthesize_audio},
    StageRow{kStageImageGeneration, &generate_images},
    StageRow{kStageVideoGeneration, &generate_video},
    StageRow{kStageFormatConversion, &convert_formats},
};

// Of every thread, those of encoders that have ended too, and of children that were waited for.
double cpu_seconds_so_far() {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  double sum = 0.0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(who, &usage);
    sum += seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return sum;
}

// What concerns the whole job is told once: with the narration, or with the last stage where nothing is spoken.
bool is_told_here(const StageRow& stage, const Task& task) {
  if (stage.name == kStageAudioSynthesis) return true;
  return stage.name == kStageFormatConversion && !is_there(task.work_directory / kNarrationJson);
}

Status run(const StageRow& stage, const Task& task, StageEnvironment& environment, StageResult& result) {
  if (environment.cancelled()) return fail(ErrorCode::cancelled, "stopped before it began");
  StepTimer timer(environment.clock, result.steps);
  const PreferredLanguage preferred = preferred_language(task.options.language);
  VIVID_ASSIGN(const Storyboard storyboard,
               timer.measure("parse", [&] { return parse_storyboard(task.input, preferred.tag); }));
  result.title = storyboard.title;
  result.language = storyboard.language;
  StageCall call{task, storyboard, environment, timer, result};
  VIVID_TRY(stage.run(call));
  // A lesson that names another language has not fallen back to anything.
  const bool fell_back = !preferred.warning.empty() && storyboard.language == preferred.tag;
  if (fell_back && is_told_here(stage, task)) result.warnings.push_back(preferred.warning);
  return {};
}

// Equations are set once for all stages of a job, also where no folder is named for those of all jobs.
Task with_cache(Task task) {
  if (task.options.equations.cache.empty()) task.options.equations.cache = task.work_directory / kEquationsFolder;
  return task;
}

}  // namespace

Result<SpeechEngine*> VoiceCache::get(const SpeechOptions& options) {
  const bool fits = engine_ != nullptr && options_.engine == options.engine && options_.language == options.language &&
                    options_.words_per_minute == options.words_per_minute && options_.voice == options.voice;
  if (!fits) {
    engine_.reset();
    VIVID_ASSIGN(engine_, make_speech_engine(options));
    options_ = options;
  }
  return engine_.get();
}

Status run_stage(const Task& task, StageEnvironment& environment, StageResult& result) {
  for (const StageRow& stage : kStages) {
    if (stage.name != task.stage) continue;
    const AvLogCapture said;
    const double cpu_before = cpu_seconds_so_far();
    const Status status = run(stage, with_cache(task), environment, result);
    result.cpu_seconds = cpu_seconds_so_far() - cpu_before;
    VIVID_TRY(status);
    for (std::string& line : said.lines()) result.warnings.push_back("FFmpeg: " + std::move(line));
    return save_result(task.work_directory, task.stage, result);
  }
  return fail(ErrorCode::unsupported, "'" + task.stage + "' is not a stage of this program");
}

}  // namespace vivid::render
