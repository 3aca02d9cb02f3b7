#include "daemon/vividctl/submission.h"

#include <nlohmann/json.hpp>

#include "base/uuid.h"

namespace vivid::ctl {
namespace {

// More lines than anybody means to submit with one command.
constexpr std::size_t kMaxLines = 100'000;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_utf8(std::string_view text) {
  try {
    (void)Json(std::string(text)).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

// A message names the request or holds its content; a bare script or storyboard does neither.
bool is_request_message(const Json& object) {
  for (const char* key : {"request_id", "student_id", "student_query", "grade_level", "script", "storyboard"}) {
    if (object.contains(key)) return true;
  }
  return false;
}

std::string params_of_request(Json request, const SubmissionOptions& options) {
  if (!options.modalities.empty()) {
    request["requested_modalities"] = options.modalities;
    request.erase("preferred_modality");
  }
  if (!options.request_id.empty()) request["request_id"] = options.request_id;
  if (!options.student_id.empty()) request["student_id"] = options.student_id;
  Json params{{"request", std::move(request)}};
  if (options.priority) params["priority"] = *options.priority;
  return to_line(params);
}

std::string params_of_input(std::string_view text, const SubmissionOptions& options) {
  Json params{{"input", text},
              {"request_id", options.request_id.empty() ? Uuid::random().to_text() : options.request_id}};
  if (!options.modalities.empty()) params["modalities"] = options.modalities;
  if (!options.student_id.empty()) params["student_id"] = options.student_id;
  if (options.priority) params["priority"] = *options.priority;
  return to_line(params);
}

std::string params_of_object(const Json& object, std::string_view text, const SubmissionOptions& options) {
  return is_request_message(object) ? params_of_request(object, options) : params_of_input(text, options);
}

// JSON Lines: the first line is an object on its own, and another line follows.
bool is_json_lines(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  const std::optional<Json> first = parse_json(trimmed(text.substr(0, end)));
  return first && first->is_object();
}

Outcome<std::vector<Submission>> read_lines(std::string_view text, const SubmissionOptions& options) {
  if (!options.request_id.empty()) {
    return failure(ExitCode::usage, ErrorCode::invalid_input,
                   "--request-id names one request, and the input has several lines");
  }
  std::vector<Submission> submissions;
  int line_number = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = trimmed(text.substr(begin, end - begin));
    begin = end + 1;
    ++line_number;
    if (line.empty()) continue;
    if (submissions.size() >= kMaxLines) {
      return failure(ExitCode::invalid_input, ErrorCode::too_large,
                     "the input has more than " + std::to_string(kMaxLines) + " lines; submit it in parts");
    }
    Submission submission;
    submission.line = line_number;
    const std::optional<Json> object = parse_json(line);
    if (object && object->is_object()) {
      submission.params = params_of_object(*object, line, options);
    } else {
      submission.problem = "line " + std::to_string(line_number) + " is not a JSON object";
    }
    submissions.push_back(std::move(submission));
  }
  return submissions;
}

}  // namespace

Outcome<std::vector<Submission>> read_submissions(std::string_view text, const SubmissionOptions& options) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::string_view content = trimmed(text);
  if (content.empty()) return failure(ExitCode::invalid_input, ErrorCode::invalid_input, "the input is empty");
  if (!is_utf8(content)) {
    return failure(ExitCode::invalid_input, ErrorCode::invalid_input, "the input is not UTF-8 text");
  }
  const std::optional<Json> whole = parse_json(content);
  if (!whole && is_json_lines(content)) return read_lines(text, options);
  Submission submission;
  submission.params =
      whole && whole->is_object() ? params_of_object(*whole, content, options) : params_of_input(content, options);
  return std::vector<Submission>{std::move(submission)};
}

}  // namespace vivid::ctl
