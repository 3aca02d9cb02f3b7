#include "daemon/central/text_host.h"

#include <algorithm>
#include <cstdlib>
#include <latch>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "daemon/central/costs.h"
#include "daemon/central/final_report.h"
#include "daemon/central/lesson_content.h"
#include "daemon/pipeline/job_plan.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
// Fewer are answered sooner than handed to another thread.
constexpr std::size_t kLeastShare = 40;
constexpr std::size_t kMostShares = 3;
constexpr std::size_t kMostReplies = 100'000;
constexpr std::chrono::milliseconds kTryAgain{10'000};

std::int64_t micros(WallTime time) { return time.time_since_epoch().count(); }

// The stages of a text answer as they come about; those that only media need are recorded as skipped.
class StageList {
 public:
  StageList(const Clock& clock) : clock_(clock), begun_(clock.now()) {}

  void completed(std::string_view name, json output = nullptr) {
    json stage = ended(name, "completed");
    if (!output.is_null()) stage["output"] = std::move(output);
    stages_.push_back(std::move(stage));
  }
  void failed(std::string_view name, const Error& error) {
    json stage = ended(name, "failed");
    stage["error_code"] = to_text(error.code);
    stage["error_message"] = error.message;
    stages_.push_back(std::move(stage));
  }
  json with_skipped() && {
    add_skipped(kStageRagRetrieval);
    for (const std::string& name : all_stages()) {
      const bool known =
          std::any_of(stages_.begin(), stages_.end(), [&](const json& each) { return each["name"] == name; });
      if (!known) add_skipped(name);
    }
    return std::move(stages_);
  }

 private:
  void add_skipped(std::string_view name) {
    stages_.push_back({{"name", name}, {"order", stage_order_of(name)}, {"status", "skipped"}});
  }
  json ended(std::string_view name, const char* status) {
    const WallTime start = std::exchange(begun_, clock_.now());
    return {{"name", name},
            {"order", stage_order_of(name)},
            {"status", status},
            {"attempt", 1},
            {"max_retries", 0},
            {"started_at_us", micros(start)},
            {"finished_at_us", micros(std::max(start, begun_))}};
  }

  const Clock& clock_;
  WallTime begun_;
  json stages_ = json::array();
};

std::string failed_body(const sync::ClaimedRequest& claimed, const TextReply& reply, const TextSettings& settings,
                        std::string_view stage, const Error& error, StageList stages, WallTime now) {
  stages.failed(stage, error);
  std::vector<CostItem> costs;
  // There was a script, written or given, that no text came of.
  if (stage == kStageTextGeneration) costs.push_back(script_cost(settings.prices, to_text(Modality::text)));
  return body_text({{"status", "failed"},
                    {"at_us", micros(now)},
                    {"error",
                     {{"code", to_text(error.code)},
                      {"message", error.message},
                      {"stage", stage},
                      {"details",
                       {{"attempts", json::array()},
                        {"fence", claimed.fence},
                        {"node", settings.node},
                        {"correlation_id", reply.correlation_id}}}}},
                    {"stages", std::move(stages).with_skipped()},
                    {"costs", to_json(costs)}});
}

json generation_metadata(const sync::ClaimedRequest& claimed, const TextSettings& settings, const Lesson& lesson,
                         const std::vector<CostItem>& costs) {
  return {{"path", "text"},
          {"script_provider", lesson.script_provider},
          {"versions", {{"vividd", VIVID_VERSION}}},
          {"fence", claimed.fence},
          {"node", settings.node},
          {"cost_usd", total_usd(costs)},
          {"warnings", lesson.warnings}};
}

Status write_lesson(const Request& request, const ScriptProvider& scripts, Lesson& lesson) {
  lesson.script = request.input;
  lesson.warnings = request.warnings;
  if (request.input.empty()) {
    VIVID_ASSIGN(ProvidedScript provided, scripts.write(request));
    lesson.script = std::move(provided.json);
    lesson.script_provider = std::move(provided.provider);
    lesson.warnings.insert(lesson.warnings.end(), provided.warnings.begin(), provided.warnings.end());
  } else {
    VIVID_ASSIGN(lesson.script, render::extract_json_object(request.input));
  }
  return {};
}

Status write_text(const Request& request, Lesson& lesson) {
  VIVID_ASSIGN(const auto storyboard, parse_lesson(lesson.script, request));
  lesson.title = storyboard.title;
  lesson.topic_id = request.topic_id.empty() ? storyboard.topic_id : request.topic_id;
  lesson.text = render::to_markdown(storyboard);
  lesson.text_language = storyboard.language;
  lesson.warnings.insert(lesson.warnings.end(), storyboard.warnings.begin(), storyboard.warnings.end());
  lesson.delivered = {Modality::text};
  return {};
}

}  // namespace

TextReply answer_text(const sync::ClaimedRequest& claimed, const TextSettings& settings, const ScriptProvider& scripts,
                      const Clock& clock) {
  StageList stages(clock);
  const ReadRow read = read_row(claimed, settings.environment);
  TextReply reply{{}, read.correlation_id, read.created_at, {}};
  const auto fail_at = [&](std::string_view stage, const Error& error) {
    if (disposition_of(error.code) == Disposition::retry) {
      reply.outcome.later = error;
      reply.outcome.retry_after = kTryAgain;
      return reply;
    }
    reply.failure = error.describe();
    reply.outcome.failed = true;
    reply.outcome.final_body = failed_body(claimed, reply, settings, stage, error, stages, clock.now());
    return reply;
  };
  if (!read.request) return fail_at(kStageValidation, read.request.error());
  stages.completed(kStageValidation);
  Lesson lesson;
  if (const Status written = write_lesson(*read.request, scripts, lesson); !written) {
    return fail_at(kStageScriptGeneration, written.error());
  }
  stages.completed(kStageScriptGeneration, {{"script_provider", lesson.script_provider}});
  if (const Status written = write_text(*read.request, lesson); !written) {
    return fail_at(kStageTextGeneration, written.error());
  }
  stages.completed(kStageTextGeneration);
  const auto costs = costs_of_text(settings.prices, settings.cost);
  json content = content_json(lesson, *read.request, "");
  content["generation_metadata"] = generation_metadata(claimed, settings, lesson, costs);
  reply.outcome.final_body = body_text({{"status", "completed"},
                                        {"at_us", micros(clock.now())},
                                        {"content", std::move(content)},
                                        {"stages", std::move(stages).with_skipped()},
                                        {"costs", to_json(costs)},
                                        {"usage", {"text"}}});
  return reply;
}

TextHost::TextHost(Parts parts, TextSettings settings) : parts_(std::move(parts)), settings_(std::move(settings)) {}

TextSettings TextHost::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void TextHost::set_settings(TextSettings settings) {
  const std::lock_guard lock(mutex_);
  settings_ = std::move(settings);
}

TextTallies TextHost::tallies() const {
  const std::lock_guard lock(mutex_);
  return tallies_;
}

std::vector<sync::TextOutcome> TextHost::answer(const std::vector<sync::ClaimedRequest>& requests) {
  const TextSettings now = settings();
  std::vector<TextReply> replies(requests.size());
  const std::size_t shares = std::clamp<std::size_t>(requests.size() / kLeastShare, 1, kMostShares);
  // Shared: whoever counts it down last may still be inside it when the wait is over.
  const auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(shares));
  for (std::size_t share = 0; share < shares; ++share) {
    const auto work = [&, share, done] {
      const std::size_t end = (share + 1) * requests.size() / shares;
      for (std::size_t i = share * requests.size() / shares; i < end; ++i) {
        replies[i] = answer_text(requests[i], now, parts_.scripts, parts_.clock);
      }
      done->count_down();
    };
    const bool last = share + 1 == shares;
    if (last || !parts_.in_pool(work)) work();
  }
  done->wait();
  std::vector<sync::TextOutcome> outcomes;
  outcomes.reserve(requests.size());
  if (replies_.size() > kMostReplies) replies_.clear();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    outcomes.push_back(std::move(replies[i].outcome));
    replies[i].outcome = {};
    // One that is given back ends elsewhere, or in another answer.
    if (!outcomes.back().later) replies_.insert_or_assign(requests[i].id, std::move(replies[i]));
  }
  return outcomes;
}

void TextHost::text_ended(const sync::ClaimedRequest& request, const sync::TextOutcome& outcome,
                          sync::Verdict verdict) {
  TextReply reply;
  if (const auto found = replies_.find(request.id); found != replies_.end()) {
    reply = std::move(found->second);
    replies_.erase(found);
  }
  // Under "request": there is no job here whose log would be asked for.
  log::Fields fields{{"correlation_id", reply.correlation_id},
                     {"request", request.id},
                     {"stage", "text"},
                     {"attempt", 1},
                     {"fence", request.fence}};
  // A duplicate is this answer too: only the database's word that it has it was lost.
  if (verdict != sync::Verdict::applied && verdict != sync::Verdict::duplicate) {
    fields.emplace_back("reason", to_text(verdict));
    return log::warning("text answer not kept", fields);
  }
  if (outcome.cancelled) return log::info("text request cancelled", fields);
  const Seconds took = reply.created_at ? Seconds(parts_.clock.now() - *reply.created_at) : Seconds(0);
  const bool completed = !outcome.failed;
  const double saved = completed ? std::strtod(saved_by_text(settings().cost).c_str(), nullptr) : 0.0;
  fields.emplace_back("seconds", took.count());
  parts_.metrics.central_text(completed ? "completed" : "failed", took, saved);
  {
    const std::lock_guard lock(mutex_);
    ++(completed ? tallies_.completed : tallies_.failed);
    tallies_.saved_usd += saved;
  }
  if (!completed) {
    fields.emplace_back("reason", reply.failure.empty() ? "the database refuses the answer" : reply.failure);
    return log::warning("text request failed", fields);
  }
  fields.emplace_back("saved_usd", saved);
  log::info("text request completed", fields);
}

}  // namespace vivid::daemon
