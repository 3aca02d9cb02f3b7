#include "daemon/intake/request.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "daemon/intake/request_fields.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr int kLowestGrade = 9;
constexpr int kHighestGrade = 12;

std::string joined(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : "; ") + problem;
  return text;
}

Uuid read_id(RequestFields& fields) {
  const std::string text = fields.required_text("request_id", kMaxIdBytes);
  if (text.empty()) return {};
  const auto id = Uuid::parse(text);
  if (!id) fields.add_problem("request_id is " + shown(json(text)) + ", allowed is a UUID");
  return id.value_or(Uuid{});
}

std::string read_environment(RequestFields& fields, const std::string& ours) {
  const std::string environment = fields.optional_text("environment", kMaxIdBytes);
  if (environment.empty()) return ours;
  if (environment != ours) {
    fields.add_problem("environment is " + shown(json(environment)) + ", this host takes " + ours);
  }
  return environment;
}

}  // namespace

Result<Request> parse_request(std::string_view message, const std::string& environment) {
  if (message.size() > kMaxMessageBytes) {
    return fail(ErrorCode::too_large, "the message has " + std::to_string(message.size()) + " bytes, allowed are " +
                                          std::to_string(kMaxMessageBytes));
  }
  const json parsed = json::parse(message, nullptr, false);
  if (!parsed.is_object()) return fail(ErrorCode::invalid_input, "the message is not a JSON object");
  RequestFields fields(parsed);
  Request request;
  request.id = read_id(fields);
  request.student_id = fields.required_text("student_id", kMaxIdBytes);
  request.student_query = fields.required_text("student_query", kMaxQueryBytes);
  request.grade_level = fields.required_integer("grade_level", kLowestGrade, kHighestGrade);
  request.correlation_id = fields.optional_text("correlation_id", kMaxIdBytes);
  request.interest = fields.optional_text("interest", kMaxIdBytes);
  request.environment = read_environment(fields, environment);
  request.modalities = fields.modalities("requested_modalities");
  request.preferred = fields.preferred("preferred_modality", request.modalities);
  request.input = fields.input();
  request.topic_id = fields.topic_id(kMaxIdBytes);
  request.preferences = read_preferences(parsed, request.warnings);
  if (request.correlation_id.empty()) request.correlation_id = request.id.to_text();
  if (!request.input.empty()) {
    if (const auto storyboard = render::parse_storyboard(request.input); !storyboard) {
      fields.add_problem(storyboard.error().message);
    }
  }
  if (!fields.problems().empty()) return fail(ErrorCode::invalid_input, joined(fields.problems()));
  return request;
}

Result<render::Storyboard> parse_lesson(std::string_view script, const Request& request) {
  const std::string& language = request.preferences.language;
  return render::parse_storyboard(script, language.empty() ? "en" : language);
}

MessageIdentity identity_of(std::string_view message) {
  if (message.size() > kMaxMessageBytes) return {};
  const json parsed = json::parse(message, nullptr, false);
  if (!parsed.is_object()) return {};
  const auto text = [&parsed](const char* name) {
    const auto found = parsed.find(name);
    if (found == parsed.end() || !found->is_string()) return std::string();
    return std::string(cut_between_characters(found->get_ref<const std::string&>(), kMaxIdBytes));
  };
  return {text("request_id"), text("correlation_id")};
}

}  // namespace vivid::daemon
