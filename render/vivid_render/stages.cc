#include "render/vivid_render/stages.h"

#include <sys/resource.h>

#include <array>
#include <string>

#include "render/encode/av_log.h"
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

double cpu_seconds_so_far() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Status run(const StageRow& stage, const Task& task, StageEnvironment& environment, StageResult& result) {
  if (environment.cancelled()) return fail(ErrorCode::cancelled, "stopped before it began");
  StepTimer timer(environment.clock, result.steps);
  VIVID_ASSIGN(const Storyboard storyboard, timer.measure("parse", [&] { return parse_storyboard(task.input); }));
  StageCall call{task, storyboard, environment, timer, result};
  return stage.run(call);
}

}  // namespace

Result<SpeechEngine*> VoiceCache::get(const SpeechOptions& options) {
  const bool fits = engine_ != nullptr && options_.engine == options.engine && options_.language == options.language &&
                    options_.words_per_minute == options.words_per_minute;
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
    const Status status = run(stage, task, environment, result);
    result.cpu_seconds = cpu_seconds_so_far() - cpu_before;
    VIVID_TRY(status);
    for (std::string& line : said.lines()) result.warnings.push_back("FFmpeg: " + std::move(line));
    return save_result(task.work_directory, task.stage, result);
  }
  return fail(ErrorCode::unsupported, "'" + task.stage + "' is not a stage of this program");
}

}  // namespace vivid::render
