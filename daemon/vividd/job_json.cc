#include "daemon/vividd/job_json.h"

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "daemon/pipeline/job_plan.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;

json time_json(const std::optional<WallTime>& time) { return time ? json(to_iso8601(*time)) : json(nullptr); }
json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

double seconds(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

json parsed(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(nullptr) : value;
}

json stage_json(const queue::StageView& stage) {
  json error = nullptr;
  if (!stage.error_code.empty()) error = {{"code", stage.error_code}, {"message", stage.error_message}};
  return {{"name", stage.name},
          {"lane", stage.lane},
          {"state", queue::to_text(stage.state)},
          {"attempts", stage.attempts},
          {"crashes", stage.crashes},
          {"started_at", time_json(stage.started_at)},
          {"finished_at", time_json(stage.finished_at)},
          {"run_at", time_json(stage.run_at)},
          {"error", error}};
}

json attempt_json(const queue::AttemptView& attempt) {
  return {{"stage", attempt.stage},
          {"attempt", attempt.attempt},
          {"ready_since", to_iso8601(attempt.ready_since)},
          {"started_at", to_iso8601(attempt.started_at)},
          {"finished_at", time_json(attempt.finished_at)},
          {"outcome", attempt.outcome},
          {"message", attempt.message}};
}

// What the upload kept beside the usual result.
json published_files(const queue::JobView& job) {
  for (const queue::StageView& stage : job.stages) {
    if (stage.name != kStageVideoProcessing) continue;
    const json result = parsed(stage.result);
    if (result.is_object() && result.contains("published")) return result["published"];
  }
  return json::array();
}

json warnings_of(const queue::JobView& job) {
  json warnings = json::array();
  for (const queue::StageView& stage : job.stages) {
    // A job can be completed without some of its stages.
    if (job.summary.state == queue::JobState::completed && stage.state == queue::StageState::failed) {
      warnings.push_back(stage.name + " failed: " + stage.error_message);
    }
    const json result = parsed(stage.result);
    if (!result.is_object() || !result.contains("warnings")) continue;
    for (const json& warning : result["warnings"]) {
      if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
    }
  }
  return warnings;
}

int percent_of(const queue::JobSummary& job, const JobProgress* progress) {
  if (job.state == queue::JobState::completed) return 100;
  return progress != nullptr ? static_cast<int>(progress->percent) : 0;
}

}  // namespace

std::string to_text(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json summary_json(const queue::JobSummary& job, const JobProgress* progress) {
  json error = nullptr;
  if (!job.error_code.empty()) {
    error = {{"code", job.error_code}, {"message", job.error_message}, {"stage", text_or_null(job.error_stage)}};
  }
  return {{"job", job.uid},
          {"number", job.job_id},
          {"correlation_id", job.correlation_id},
          {"class", job.job_class},
          {"priority", job.priority},
          {"state", queue::to_text(job.state)},
          {"cancel_requested", job.cancel_requested},
          {"stage", text_or_null(job.current_stage)},
          {"attempt", job.attempt},
          {"created_at", to_iso8601(job.created_at)},
          {"started_at", time_json(job.started_at)},
          {"finished_at", time_json(job.finished_at)},
          {"run_at", time_json(job.run_at)},
          {"error", error},
          {"progress", percent_of(job, progress)}};
}

json summary_json(const TextAnswer& answer) {
  return {{"job", answer.uid},
          {"number", nullptr},
          {"correlation_id", answer.correlation_id},
          {"class", "text"},
          {"priority", kDefaultPriority},
          {"state", "completed"},
          {"cancel_requested", false},
          {"stage", nullptr},
          {"attempt", 1},
          {"created_at", to_iso8601(answer.created_at)},
          {"started_at", to_iso8601(answer.created_at)},
          {"finished_at", to_iso8601(answer.finished_at)},
          {"run_at", nullptr},
          {"error", nullptr},
          {"progress", 100}};
}

json progress_json(const JobProgress& progress) {
  const render::Progress& stage = progress.stage_progress;
  return {{"job", progress.uid},
          {"state", progress.state},
          {"stage", text_or_null(progress.stage)},
          {"fraction", stage.fraction},
          {"step", stage.step},
          {"frames_done", stage.frames_done},
          {"frames_total", stage.frames_total},
          {"fps", stage.frames_per_second},
          {"remaining_seconds", progress.remaining_seconds ? json(*progress.remaining_seconds) : json(nullptr)},
          {"attempt", progress.attempt}};
}

json job_json(const queue::JobView& job, const JobProgress* progress) {
  json stages = json::array();
  for (const auto& stage : job.stages) stages.push_back(stage_json(stage));
  json attempts = json::array();
  for (const auto& attempt : job.attempts) attempts.push_back(attempt_json(attempt));
  return {{"job", summary_json(job.summary, progress)},
          {"stages", stages},
          {"attempts", attempts},
          {"progress", progress != nullptr ? progress_json(*progress) : json(nullptr)},
          {"files", published_files(job)},
          {"warnings", warnings_of(job)}};
}

json job_json(const TextAnswer& answer) {
  const json manifest = parsed(answer.manifest);
  return {{"job", summary_json(answer)},
          {"stages", json::array()},
          {"attempts", json::array()},
          {"progress", nullptr},
          {"files", manifest.value("files", json::array())},
          {"warnings", manifest.value("warnings", json::array())}};
}

json profile_json(const queue::JobView& job) {
  const WallTime created = job.summary.created_at;
  const WallTime end = job.summary.finished_at.value_or(system_clock().now());
  json stages = json::array();
  for (const queue::AttemptView& attempt : job.attempts) {
    const json detail = parsed(attempt.detail);
    stages.push_back({{"stage", attempt.stage},
                      {"attempt", attempt.attempt},
                      {"queued_seconds", seconds(attempt.started_at - attempt.ready_since)},
                      {"start_seconds", seconds(attempt.started_at - created)},
                      {"seconds", seconds(attempt.finished_at.value_or(end) - attempt.started_at)},
                      {"outcome", attempt.outcome.empty() ? "running" : attempt.outcome},
                      {"steps", detail.is_object() ? detail.value("steps", json::array()) : json::array()}});
  }
  return {{"job", job.summary.uid}, {"total_seconds", seconds(end - created)}, {"stages", stages}};
}

json profile_json(const TextAnswer& answer) {
  const double total = seconds(answer.finished_at - answer.created_at);
  return {{"job", answer.uid},
          {"total_seconds", total},
          {"stages",
           {{{"stage", "text"},
             {"attempt", 1},
             {"queued_seconds", 0.0},
             {"start_seconds", 0.0},
             {"seconds", total},
             {"outcome", "completed"},
             {"steps", json::array()}}}}};
}

}  // namespace vivid::daemon
