// Requests as `vividctl request` makes them: from options to the message that the platform publishes, and from a
// message to the row that the platform's API inserts. The daemon's own validator checks each, so that a wrong request
// is refused in the same words wherever it comes in.
//
// Threads: pure functions. Errors: invalid_input, with every problem of a message at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::ctl {

inline constexpr int kDefaultGrade = 10;

struct RequestOptions {
  std::string request_id;  // empty: a new one
  std::string correlation_id;
  std::string student_id;
  std::string query;
  std::optional<int> grade;
  std::string interest;
  std::string topic_id;
  std::vector<std::string> modalities;
  std::string preferred;
  std::string resolution;  // of the video
  std::string voice;       // of the audio
  std::string script;      // text of it, as its author wrote it
  std::string storyboard;
  std::optional<int> priority;
  std::string environment = "dev";
  std::string organization_id;
};

// The message as JSON, on one line.
std::string message_of(const RequestOptions& options);

struct RequestRow {
  std::string id;
  std::string student_id;
  std::string environment;
  std::vector<std::string> modalities;
  std::vector<std::string> warnings;  // what of the message counts for nothing
  std::string json;                   // as insert_request.sql takes it
};
// `environment` is of a message that names none; `priority` wins over the message's own.
Result<RequestRow> row_of(std::string_view message, const std::string& environment, std::optional<int> priority);

}  // namespace vivid::ctl
