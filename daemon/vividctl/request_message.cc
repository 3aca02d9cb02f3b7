#include "daemon/vividctl/request_message.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/uuid.h"
#include "daemon/intake/request.h"
#include "daemon/vividctl/json.h"

namespace vivid::ctl {
namespace {

constexpr std::size_t kMaxCorrelationCharacters = 64;  // of the column
constexpr std::array<std::string_view, 3> kEnvironments{"dev", "staging", "prod"};

// An object stays one, so that it can be looked into with SQL; a model's answer with prose around it stays text.
Json object_or_text(const std::string& text) {
  std::optional<Json> parsed = parse_json(text);
  return parsed && parsed->is_object() ? std::move(*parsed) : Json(text);
}

void add_text(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

template <std::size_t N>
bool is_one_of(const std::string& text, const std::array<std::string_view, N>& allowed) {
  return std::find(allowed.begin(), allowed.end(), text) != allowed.end();
}

std::size_t characters_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

// What the row asks beyond what the daemon checks.
std::string problems_of_row(const Json& message, const daemon::Request& request) {
  std::string problems;
  const auto add = [&problems](const std::string& problem) { problems += (problems.empty() ? "" : "; ") + problem; };
  if (!is_one_of(request.environment, kEnvironments)) {
    add("environment is \"" + request.environment + "\", allowed are dev, staging and prod");
  }
  if (const std::size_t characters = characters_of(request.correlation_id); characters > kMaxCorrelationCharacters) {
    add("correlation_id has " + std::to_string(characters) + " characters, allowed are " +
        std::to_string(kMaxCorrelationCharacters));
  }
  const Json& organization = member(message, "organization_id");
  if (!organization.is_null() && !organization.is_string()) {
    add("organization_id is " + to_line(organization) + ", allowed is text");
  }
  return problems;
}

// A host takes what it cannot read for nothing said.
std::vector<std::string> warnings_of(const Json& message, const daemon::Request& request) {
  std::vector<std::string> warnings = request.warnings;
  const Json& priority = member(member(message, "request_metadata"), "priority");
  if (!priority.is_null() && !(priority.is_number_integer() && priority >= 0 && priority <= 9)) {
    warnings.push_back("request_metadata.priority is " + to_line(priority) +
                       ", allowed is a whole number from 0 to 9; it counts as 5");
  }
  return warnings;
}

// What was asked, kept whole: the row's own columns hold only some of it.
Json metadata_of(const Json& message, const daemon::Request& request, std::optional<int> priority) {
  Json metadata = member(message, "request_metadata");
  if (!metadata.is_object()) metadata = Json::object();
  metadata["student_query"] = request.student_query;
  metadata["environment"] = request.environment;
  add_text(metadata, "interest", request.interest);
  for (const char* key : {"script", "storyboard"}) {
    const Json& given = member(message, key);
    if (!given.is_null()) metadata[key] = given.is_string() ? object_or_text(given.get<std::string>()) : given;
  }
  if (priority) metadata["priority"] = *priority;
  return metadata;
}

}  // namespace

std::string message_of(const RequestOptions& options) {
  Json message{{"request_id", options.request_id.empty() ? Uuid::random().to_text() : options.request_id}};
  add_text(message, "correlation_id", options.correlation_id);
  message["student_id"] = options.student_id;
  message["student_query"] = options.query;
  message["grade_level"] = options.grade.value_or(kDefaultGrade);
  add_text(message, "interest", options.interest);
  message["environment"] = options.environment;
  if (!options.modalities.empty()) message["requested_modalities"] = options.modalities;
  add_text(message, "preferred_modality", options.preferred);
  if (!options.script.empty()) message["script"] = object_or_text(options.script);
  if (!options.storyboard.empty()) message["storyboard"] = object_or_text(options.storyboard);
  add_text(message, "organization_id", options.organization_id);
  Json preferences = Json::object();
  if (!options.resolution.empty()) preferences["video"]["resolution"] = options.resolution;
  if (!options.voice.empty()) preferences["audio"]["voice"] = options.voice;
  if (!preferences.empty()) message["modality_preferences"] = std::move(preferences);
  Json metadata = Json::object();
  add_text(metadata, "topic_id", options.topic_id);
  if (options.priority) metadata["priority"] = *options.priority;
  if (!metadata.empty()) message["request_metadata"] = std::move(metadata);
  return to_line(message);
}

Result<RequestRow> row_of(std::string_view text, const std::string& environment, std::optional<int> priority) {
  const std::optional<Json> message = parse_json(text);
  if (!message || !message->is_object()) return fail(ErrorCode::invalid_input, "the message is not a JSON object");
  // Any environment may be asked for here: its own hosts take it.
  const std::string named = text_at(*message, "environment");
  auto request = daemon::parse_request(text, named.empty() ? environment : named);
  if (!request) return tl::make_unexpected(request.error());
  if (std::string problems = problems_of_row(*message, *request); !problems.empty()) {
    return fail(ErrorCode::invalid_input, std::move(problems));
  }
  const std::string organization = text_at(*message, "organization_id");
  const Json& preferences = member(*message, "modality_preferences");
  RequestRow row;
  row.id = request->id.to_text();
  row.student_id = request->student_id;
  row.environment = request->environment;
  row.modalities = daemon::names_of(request->modalities);
  row.warnings = warnings_of(*message, *request);
  row.json = to_line({{"id", row.id},
                      {"correlation_id", request->correlation_id},
                      {"student_id", request->student_id},
                      {"topic", request->student_query},
                      {"grade_level", std::to_string(request->grade_level)},
                      {"request_metadata", metadata_of(*message, *request, priority)},
                      {"requested_modalities", row.modalities},
                      {"preferred_modality", daemon::to_text(request->preferred)},
                      {"modality_preferences", preferences.is_object() ? preferences : Json::object()},
                      {"organization_id", organization.empty() ? Json() : Json(organization)}});
  return row;
}

}  // namespace vivid::ctl
