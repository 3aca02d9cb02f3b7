#include "daemon/pipeline/job_plan.h"

#include <gtest/gtest.h>

namespace vivid::daemon {
namespace {

std::vector<std::string> run_stages(std::vector<Modality> modalities, bool with_script = true, bool notify = false) {
  PlanOptions options;
  for (const std::string& stage : all_stages()) options.limits[stage] = {};
  options.notify = notify;
  Request request;
  request.modalities = std::move(modalities);
  if (with_script) request.input = "{}";
  std::vector<std::string> stages;
  const auto job = plan_job(request, options);
  EXPECT_EQ(job.stages.size(), all_stages().size());
  for (const auto& stage : job.stages) {
    if (!stage.skipped) stages.push_back(stage.name);
  }
  return stages;
}

using Names = std::vector<std::string>;

TEST(JobPlan, VideoRunsEverythingButImages) {
  EXPECT_EQ(run_stages({Modality::video}),
            (Names{"validation", "audio_synthesis", "video_generation", "format_conversion", "video_processing"}));
}

TEST(JobPlan, ImagesAloneNeedNoVoiceAndNoVideo) {
  EXPECT_EQ(run_stages({Modality::images}), (Names{"validation", "image_generation", "video_processing"}));
}

TEST(JobPlan, AudioAloneNeedsNoPicture) {
  EXPECT_EQ(run_stages({Modality::audio, Modality::text}),
            (Names{"validation", "audio_synthesis", "format_conversion", "video_processing"}));
}

TEST(JobPlan, ScriptIsWrittenAndNotificationSentWhenAskedFor) {
  const auto stages = run_stages({Modality::video}, false, true);
  EXPECT_EQ(stages[1], "script_generation");
  EXPECT_EQ(stages.back(), "notification");
}

TEST(JobPlan, OnlyVideoGenerationTakesTheRenderLane) {
  for (const std::string& stage : all_stages()) EXPECT_EQ(lane_of(stage) == "render", stage == "video_generation");
}

}  // namespace
}  // namespace vivid::daemon
