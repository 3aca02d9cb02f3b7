#include "daemon/intake/submission.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/intake/request_fields.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr int kHighestPriority = 9;
constexpr int kOperatorGrade = 10;

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// The message that an operator's bare script or storyboard stands for. What is wrong with it is found by
// parse_request.
json message_from_input(const json& params) {
  json message = {{"request_id", params.value("request_id", json(nullptr))},
                  {"student_id", params.value("student_id", json(nullptr))},
                  {"student_query", "Submitted by an operator"},
                  {"grade_level", kOperatorGrade},
                  {"requested_modalities", params.value("modalities", json(nullptr))},
                  {"script", params.at("input")}};
  if (message["request_id"].is_null()) message["request_id"] = Uuid::random().to_text();
  if (message["student_id"].is_null()) message["student_id"] = "operator";
  return message;
}

Result<int> read_priority(const json& params) {
  if (!params.contains("priority") || params["priority"].is_null()) return kDefaultPriority;
  RequestFields fields(params);
  const int priority = fields.required_integer("priority", 0, kHighestPriority);
  if (!fields.problems().empty()) return fail(ErrorCode::invalid_input, fields.problems().front());
  return priority;
}

Submission refused(std::string why) { return {fail(ErrorCode::invalid_input, std::move(why)), {}, {}}; }

}  // namespace

Submission parse_submission(std::string_view text, const std::string& environment) {
  const json params = json::parse(text, nullptr, false);
  if (!params.is_object()) return refused("params is not an object");
  const bool has_request = params.contains("request");
  if (has_request == params.contains("input")) return refused("params needs either request or input");
  if (has_request && !params["request"].is_object()) return refused("request is not an object");
  if (!has_request && !params["input"].is_string()) return refused("input is not text");
  const auto priority = read_priority(params);
  if (!priority) return {tl::make_unexpected(priority.error()), {}, {}};
  if (!has_request && params["input"].get_ref<const std::string&>().empty()) return refused("input is empty");

  const std::string message = dumped(has_request ? params["request"] : message_from_input(params));
  Submission submission{parse_request(message, environment), {}, {}};
  if (submission.request) submission.request->priority = *priority;
  // An operator's file is with the operator: only messages are kept.
  if (!submission.request && has_request) {
    submission.message = message;
    submission.identity = identity_of(message);
  }
  return submission;
}

bool looks_text_only(std::string_view text) {
  const json params = json::parse(text, nullptr, false);
  if (!params.is_object()) return false;
  const auto request = params.find("request");
  const bool has_request = request != params.end() && request->is_object();
  const json& holder = has_request ? *request : params;
  const auto modalities = holder.find(has_request ? "requested_modalities" : "modalities");
  if (modalities == holder.end() || !modalities->is_array() || modalities->empty()) return false;
  return std::all_of(modalities->begin(), modalities->end(), [](const json& name) { return name == "text"; });
}

}  // namespace vivid::daemon
