#include "daemon/pipeline/job_plan.h"

#include "base/check.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {
namespace {

using render::kStageAudioSynthesis;
using render::kStageFormatConversion;
using render::kStageImageGeneration;
using render::kStageVideoGeneration;

bool needed(std::string_view stage, const Request& request, const PlanOptions& options) {
  const bool video = contains(request.modalities, Modality::video);
  if (stage == kStageScriptGeneration) return request.input.empty();
  if (stage == kStageAudioSynthesis) return video || contains(request.modalities, Modality::audio);
  if (stage == kStageImageGeneration) return contains(request.modalities, Modality::images);
  if (stage == kStageVideoGeneration) return video;
  if (stage == kStageFormatConversion) return video || contains(request.modalities, Modality::audio);
  if (stage == kStageNotification) return options.notify;
  return true;
}

queue::StageLimits limits_of(std::string_view stage, const PlanOptions& options) {
  const auto found = options.limits.find(std::string(stage));
  VIVID_CHECK(found != options.limits.end());
  return found->second;
}

}  // namespace

const std::vector<std::string>& all_lanes() {
  static const std::vector<std::string> lanes{std::string(kLaneIntake), std::string(kLaneCpu), std::string(kLaneRender),
                                              std::string(kLaneNet)};
  return lanes;
}

const std::vector<std::string>& all_stages() {
  static const std::vector<std::string> stages = [] {
    std::vector<std::string> names;
    for (const auto name : {kStageValidation, kStageScriptGeneration, kStageAudioSynthesis, kStageImageGeneration,
                            kStageVideoGeneration, kStageFormatConversion, kStageVideoProcessing, kStageNotification}) {
      names.emplace_back(name);
    }
    return names;
  }();
  return stages;
}

bool needs_worker(std::string_view stage) {
  return stage == kStageAudioSynthesis || stage == kStageImageGeneration || stage == kStageVideoGeneration ||
         stage == kStageFormatConversion;
}

std::string lane_of(std::string_view stage) {
  if (stage == kStageVideoGeneration) return std::string(kLaneRender);
  if (needs_worker(stage)) return std::string(kLaneCpu);
  const bool first = stage == kStageValidation || stage == kStageScriptGeneration;
  return std::string(first ? kLaneIntake : kLaneNet);
}

bool lane_has_workers(std::string_view lane) { return lane == kLaneRender || lane == kLaneCpu; }

queue::NewJob plan_job(const Request& request, const PlanOptions& options) {
  queue::NewJob job;
  job.uid = request.id.to_text();
  job.correlation_id = request.correlation_id;
  job.job_class = job_class_of(request.modalities);
  job.priority = request.priority;
  job.payload = encode_payload(request);
  for (const std::string& name : all_stages()) {
    queue::StageSpec stage;
    stage.name = name;
    stage.lane = lane_of(name);
    stage.limits = limits_of(name, options);
    stage.skipped = !needed(name, request, options);
    stage.critical = name != kStageNotification;
    job.stages.push_back(std::move(stage));
  }
  return job;
}

queue::NewJob plan_rejected(const RejectedMessage& rejected, const MessageIdentity& identity,
                            const PlanOptions& options) {
  queue::NewJob job;
  job.uid = rejected_job_id(identity.request_id).to_text();
  job.correlation_id = identity.correlation_id.empty() ? identity.request_id : identity.correlation_id;
  job.job_class = "rejected";
  job.payload = encode_payload(rejected);
  job.stages.push_back({std::string(kStageValidation), std::string(kLaneIntake), limits_of(kStageValidation, options)});
  return job;
}

}  // namespace vivid::daemon
