#include "daemon/central/request_row.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "daemon/intake/request_fields.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr int kLowestGrade = 9;
constexpr int kHighestGrade = 12;
constexpr int kHighestPriority = 9;
constexpr int kSecondsPerMinute = 60;

const json& member(const json& object, const char* name) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

std::string text_of(const json& object, const char* name) {
  const json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

// 10, "10", "Grade 10", "10th grade": the one number in it.
std::optional<int> grade_in(const json& value) {
  if (value.is_number_integer()) {
    return value >= kLowestGrade && value <= kHighestGrade ? std::optional(value.get<int>()) : std::nullopt;
  }
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  constexpr const char* kDigits = "0123456789";
  const std::size_t first = text.find_first_of(kDigits);
  if (first == std::string::npos) return std::nullopt;
  int grade = 0;
  const auto [end, error] = std::from_chars(text.data() + first, text.data() + text.size(), grade);
  const bool another = text.find_first_of(kDigits, static_cast<std::size_t>(end - text.data())) != std::string::npos;
  if (error != std::errc{} || another || grade < kLowestGrade || grade > kHighestGrade) return std::nullopt;
  return grade;
}

int read_grade(const json& row, std::vector<std::string>& warnings) {
  const json& asked = member(row, "grade_level");
  if (const auto grade = grade_in(asked)) return *grade;
  const auto users = grade_in(member(member(row, "user"), "grade_level"));
  const int grade = users.value_or(kGradeOfNobody);
  if (!asked.is_null() && asked != "") {
    warnings.push_back("grade_level is " + shown(asked) + " and was left out; allowed is 9 to 12; taken for " +
                       std::to_string(grade));
  } else if (!users) {
    warnings.push_back("neither the request nor its student has a grade_level; taken for " + std::to_string(grade));
  }
  return grade;
}

std::string read_query(const json& row, const json& metadata) {
  if (std::string query = text_of(metadata, "student_query"); !query.empty()) return query;
  std::string query = text_of(row, "topic");
  const std::string objective = text_of(row, "learning_objective");
  if (!query.empty() && !objective.empty()) query += ". " + objective;
  return query;
}

// As the column has it, with the row's duration where it does not say one.
json modality_preferences(const json& row) {
  json preferences = member(row, "modality_preferences");
  const json& minutes = member(row, "duration_minutes");
  if (!minutes.is_number_integer() || (!preferences.is_null() && !preferences.is_object())) return preferences;
  json& video = preferences["video"];
  if (video.is_null() || (video.is_object() && !video.contains("duration"))) {
    video["duration"] = minutes.get<std::int64_t>() * kSecondsPerMinute;
  }
  return preferences;
}

json message_from(const sync::ClaimedRequest& claimed, const json& row, std::vector<std::string>& warnings) {
  const json& metadata = member(row, "request_metadata");
  if (!metadata.is_object() && !metadata.is_null()) {
    warnings.push_back("request_metadata is " + shown(metadata) + " and was left out; allowed is an object");
  }
  const json& user = member(row, "user");
  json message = {{"request_id", claimed.id},
                  {"correlation_id", text_of(row, "correlation_id")},
                  {"student_id", member(row, "student_id")},
                  {"student_query", read_query(row, metadata)},
                  {"grade_level", read_grade(row, warnings)},
                  {"interest", member(metadata, "interest")},
                  {"environment", member(metadata, "environment")},
                  {"requested_modalities", member(row, "requested_modalities")},
                  {"preferred_modality", member(row, "preferred_modality")},
                  {"modality_preferences", modality_preferences(row)},
                  {"accessibility_settings", member(user, "accessibility_settings")},
                  {"language_preference", member(user, "language_preference")}};
  if (!metadata.is_object()) return message;
  json& kept = message["request_metadata"] = json::object();
  for (const char* name : {"storyboard", "script", "topic_id"}) {
    if (metadata.contains(name)) kept[name] = metadata[name];
  }
  return message;
}

int read_priority(const json& metadata, std::vector<std::string>& warnings) {
  const json& value = member(metadata, "priority");
  if (value.is_null()) return kDefaultPriority;
  if (value.is_number_integer() && value >= 0 && value <= kHighestPriority) return value.get<int>();
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    if (text.size() == 1 && text.front() >= '0' && text.front() <= '9') return text.front() - '0';
  }
  warnings.push_back("request_metadata.priority is " + shown(value) + " and was left out; allowed is 0 to 9");
  return kDefaultPriority;
}

// "2026-11-20T21:02:03.456789", UTC; a zone behind it is none of ours.
std::optional<WallTime> read_time(const std::string& text) {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  double second = 0.0;
  if (std::sscanf(text.c_str(), "%d-%d-%d%*1[T ]%d:%d:%lf", &year, &month, &day, &hour, &minute, &second) != 6) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  constexpr double kMicro = 1e6;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::microseconds(std::llround(second * kMicro));
}

// The database leaves out what is too much to be read, without which nobody knows what was asked.
Status require_whole(const json& row) {
  const json& bytes = member(row, "oversize_bytes");
  if (bytes.is_null()) return {};
  return fail(ErrorCode::too_large,
              "request_metadata, modality_preferences, requested_modalities and learning_objective take " +
                  bytes.dump() + " bytes, allowed are 1048576");
}

}  // namespace

ReadRow read_row(const sync::ClaimedRequest& claimed, const std::string& environment) {
  const json row = json::parse(claimed.row, nullptr, false);
  std::vector<std::string> warnings;
  const json message = message_from(claimed, row, warnings);
  ReadRow read{{}, message.dump(-1, ' ', false, json::error_handler_t::replace), {}, {}};
  read.created_at = read_time(text_of(row, "created_at"));
  if (const Status whole = require_whole(row); whole) {
    read.request = parse_request(read.message, environment);
  } else {
    read.request = tl::make_unexpected(whole.error());
  }
  read.correlation_id = text_of(row, "correlation_id");
  if (read.correlation_id.empty()) read.correlation_id = claimed.id;
  if (!read.request) return read;
  read.request->topic = text_of(row, "topic");
  read.request->priority = read_priority(member(row, "request_metadata"), warnings);
  auto& all = read.request->warnings;
  all.insert(all.begin(), warnings.begin(), warnings.end());
  return read;
}

}  // namespace vivid::daemon
