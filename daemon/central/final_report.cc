#include "daemon/central/final_report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "daemon/central/costs.h"
#include "daemon/central/lesson_content.h"
#include "daemon/intake/job_payload.h"
#include "daemon/pipeline/job_plan.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;

struct StageFacts {
  std::string_view stage;
  int order;
  std::string_view request_status;
};

constexpr std::array<StageFacts, 10> kStages{{{kStageValidation, 1, "validating"},
                                              {kStageRagRetrieval, 2, "generating_script"},
                                              {kStageScriptGeneration, 3, "generating_script"},
                                              {kStageTextGeneration, 3, "generating_script"},
                                              {render::kStageAudioSynthesis, 4, "generating_video"},
                                              {render::kStageImageGeneration, 4, "generating_video"},
                                              {render::kStageVideoGeneration, 4, "generating_video"},
                                              {render::kStageFormatConversion, 5, "processing_video"},
                                              {kStageVideoProcessing, 5, "processing_video"},
                                              {kStageNotification, 6, "notifying"}}};

const StageFacts& facts_of(std::string_view stage) {
  const auto found =
      std::find_if(kStages.begin(), kStages.end(), [&](const auto& each) { return each.stage == stage; });
  return found == kStages.end() ? kStages.front() : *found;
}

json take(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? json(nullptr) : *found;
}

json skipped_stage(std::string_view name) {
  return {{"name", name}, {"order", stage_order_of(name)}, {"status", "skipped"}, {"max_retries", 0}};
}

json accepted(const json& queued, const queue::JobView& job, const ReportContext& context) {
  json stages = json::array();
  for (const queue::StageView& stage : job.stages) {
    if (stage.name == kStageScriptGeneration) stages.push_back(skipped_stage(kStageRagRetrieval));
    const auto limit = context.max_attempts.find(stage.name);
    stages.push_back({{"name", stage.name},
                      {"order", stage_order_of(stage.name)},
                      {"status", stage.state == queue::StageState::skipped ? "skipped" : "pending"},
                      {"max_retries", limit == context.max_attempts.end() ? 0 : limit->second - 1}});
  }
  return {{"stages", stages}, {"at_us", take(queued, "created_at_us")}};
}

// What support wants to see of a stage, without what only the next stage needs.
json output_of(const json& result) {
  if (!result.is_object()) return nullptr;
  json output = json::object();
  for (const char* name : {"encoder", "fallback_reason", "media_seconds", "frames", "characters_spoken", "cpu_seconds",
                           "gpu_seconds", "warnings", "script_provider"}) {
    const json value = take(result, name);
    if (!value.is_null() && value != "" && value != 0 && value != json::array()) output[name] = value;
  }
  json files = json::array();
  if (const json list = take(result, "files"); list.is_array()) {
    for (const json& file : list)
      files.push_back({{"name", take(file, "name")}, {"size_bytes", take(file, "size_bytes")}});
  }
  if (!files.empty()) output["files"] = files;
  return output;
}

// Labels that the platform's enum has.
std::string stage_status_of(const std::string& state) { return state == "cancelled" ? "skipped" : state; }

json stage_ended(const json& queued, const std::string& stage) {
  json body = {{"status", stage_status_of(queued.value("state", std::string()))},
               {"attempt", take(queued, "attempt")},
               {"started_at_us", take(queued, "started_at_us")},
               {"finished_at_us", take(queued, "finished_at_us")},
               {"request_status", request_status_of(stage)}};
  if (queued.contains("error_code")) {
    body["error_code"] = queued["error_code"];
    body["error_message"] = take(queued, "error_message");
  } else {
    body["output"] = output_of(take(queued, "result"));
  }
  return body;
}

json attempts_json(const queue::JobView& job) {
  json attempts = json::array();
  for (const queue::AttemptView& attempt : job.attempts) {
    if (attempt.outcome == "completed" || attempt.outcome.empty()) continue;
    attempts.push_back({{"stage", attempt.stage},
                        {"attempt", attempt.attempt},
                        {"outcome", attempt.outcome},
                        {"message", attempt.message},
                        {"started_at", to_iso8601(attempt.started_at)},
                        {"finished_at", attempt.finished_at ? json(to_iso8601(*attempt.finished_at)) : json(nullptr)}});
  }
  return attempts;
}

json error_json(const json& queued, const queue::JobView& job, const ReportContext& context) {
  return {{"code", take(queued, "error_code")},
          {"message", take(queued, "error_message")},
          {"stage", take(queued, "error_stage")},
          {"details",
           {{"attempts", attempts_json(job)},
            {"state", queued.value("state", std::string())},
            {"fence", job.summary.fence},
            {"node", context.node},
            {"correlation_id", job.summary.correlation_id}}}};
}

json timings_json(const queue::JobView& job) {
  json stages = json::object();
  for (const queue::StageView& stage : job.stages) {
    if (!stage.started_at || !stage.finished_at) continue;
    json row = {{"seconds", std::chrono::duration<double>(*stage.finished_at - *stage.started_at).count()},
                {"attempts", stage.attempts},
                {"crashes", stage.crashes}};
    const auto result = render::stage_result_from_json(stage.result);
    if (result) {
      row["cpu_seconds"] = result->cpu_seconds;
      row["gpu_seconds"] = result->gpu_seconds;
    }
    stages[stage.name] = std::move(row);
  }
  return stages;
}

json generation_metadata(const queue::JobView& job, const Lesson& lesson, const std::vector<CostItem>& costs,
                         const ReportContext& context) {
  return {{"encoder", lesson.encoder},
          {"fallback_reason", lesson.fallback_reason},
          {"versions", {{"vividd", VIVID_VERSION}}},
          {"fence", job.summary.fence},
          {"node", context.node},
          {"script_provider", lesson.script_provider},
          {"stages", timings_json(job)},
          {"cost_usd", total_usd(costs)},
          {"warnings", lesson.warnings}};
}

json final_body(const json& queued, const queue::JobView& job, const ReportContext& context) {
  const std::string state = queued.value("state", std::string());
  const auto payload = decode_payload(job.payload);
  const Request* request = payload ? std::get_if<Request>(&*payload) : nullptr;
  const std::string modality = request != nullptr ? job_class_of(request->modalities) : std::string("video");
  const auto costs = costs_of_job(job, modality, context.prices);
  json body = {{"status", state == "quarantined" ? "failed" : state},
               {"at_us", take(queued, "finished_at_us")},
               {"costs", to_json(costs)}};
  if (queued.contains("error_code")) body["error"] = error_json(queued, job, context);
  if (state != "completed" || request == nullptr) return body;
  const Lesson lesson = lesson_of(job, *request);
  body["content"] = content_json(lesson, *request, context.bucket);
  body["content"]["generation_metadata"] = generation_metadata(job, lesson, costs, context);
  json usage = json::array();
  for (const Modality wanted : request->modalities) {
    if (contains(lesson.delivered, wanted)) usage.push_back(to_text(wanted));
  }
  body["usage"] = usage;
  return body;
}

}  // namespace

std::string_view request_status_of(std::string_view stage) { return facts_of(stage).request_status; }

int stage_order_of(std::string_view stage) { return facts_of(stage).order; }

Result<std::string> delivery_body(const queue::OutboxRow& row, const queue::JobView& job,
                                  const ReportContext& context) {
  try {
    const json queued = json::parse(row.body);
    if (row.kind == "accepted") return body_text(accepted(queued, job, context));
    if (row.kind == "attempt") return body_text(queued);
    if (row.kind == "stage") return body_text(stage_ended(queued, row.stage));
    if (row.kind == "final") return body_text(final_body(queued, job, context));
    return fail(ErrorCode::data_corrupt, "an outbox row of kind " + row.kind + " is not known");
  } catch (const json::exception& error) {
    return fail(ErrorCode::data_corrupt, "an outbox row of kind " + row.kind + " cannot be read: " + error.what());
  }
}

}  // namespace vivid::daemon
