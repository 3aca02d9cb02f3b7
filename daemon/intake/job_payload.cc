#include "daemon/intake/job_payload.h"

#include <nlohmann/json.hpp>

namespace vivid::daemon {
namespace {

using nlohmann::json;

// The name space of refused messages: a random UUID, fixed for good.
const Uuid& rejected_name_space() {
  static const Uuid name_space = *Uuid::parse("6f1d0c1e-5b52-4a0e-9d0b-2f6f3c9a7e41");
  return name_space;
}

json to_json(const Request& request) {
  return {{"request_id", request.id.to_text()},
          {"correlation_id", request.correlation_id},
          {"student_id", request.student_id},
          {"student_query", request.student_query},
          {"grade_level", request.grade_level},
          {"interest", request.interest},
          {"environment", request.environment},
          {"requested_modalities", names_of(request.modalities)},
          {"preferred_modality", to_text(request.preferred)},
          {"priority", request.priority},
          {"input", request.input},
          {"topic", request.topic},
          {"topic_id", request.topic_id},
          {"preferences", to_json(request.preferences)},
          {"warnings", request.warnings}};
}

Request request_from(const json& object) {
  Request request;
  request.id = Uuid::parse(object.at("request_id").get<std::string>()).value_or(Uuid{});
  request.correlation_id = object.at("correlation_id").get<std::string>();
  request.student_id = object.at("student_id").get<std::string>();
  request.student_query = object.at("student_query").get<std::string>();
  request.grade_level = object.at("grade_level").get<int>();
  request.interest = object.at("interest").get<std::string>();
  request.environment = object.at("environment").get<std::string>();
  request.modalities.clear();
  for (const json& name : object.at("requested_modalities")) {
    if (const auto modality = modality_from_text(name.get<std::string>())) request.modalities.push_back(*modality);
  }
  request.preferred = modality_from_text(object.at("preferred_modality").get<std::string>()).value_or(Modality::video);
  request.priority = object.at("priority").get<int>();
  request.input = object.at("input").get<std::string>();
  // A job of an earlier version has none of these.
  request.topic = object.value("topic", std::string());
  request.topic_id = object.value("topic_id", std::string());
  request.preferences = preferences_from(object.value("preferences", json::object()));
  request.warnings = object.value("warnings", std::vector<std::string>());
  return request;
}

// The beginning of a long message, with a word on what is missing.
std::string shortened(const std::string& message) {
  if (message.size() <= kMaxRejectedBytes) return message;
  std::size_t end = kMaxRejectedBytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;  // a whole character
  return message.substr(0, end) + " … (cut: the message has " + std::to_string(message.size()) + " bytes)";
}

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string encode_payload(const JobPayload& payload) {
  if (const auto* rejected = std::get_if<RejectedMessage>(&payload)) {
    return dumped({{"rejected", {{"message", shortened(rejected->message)}, {"reason", rejected->reason}}}});
  }
  return dumped({{"request", to_json(std::get<Request>(payload))}});
}

Result<JobPayload> decode_payload(std::string_view text) {
  try {
    const json parsed = json::parse(text);
    if (const auto rejected = parsed.find("rejected"); rejected != parsed.end()) {
      return JobPayload(
          RejectedMessage{rejected->at("message").get<std::string>(), rejected->at("reason").get<std::string>()});
    }
    return JobPayload(request_from(parsed.at("request")));
  } catch (const json::exception& error) {
    return fail(ErrorCode::data_corrupt, std::string("the job's payload cannot be read: ") + error.what());
  }
}

Uuid rejected_job_id(const std::string& request_id) { return Uuid::from_name(rejected_name_space(), request_id); }

}  // namespace vivid::daemon
