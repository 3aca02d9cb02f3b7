// What the queue keeps of a job: its request, or the message that was refused. JSON, read back by the stages.
//
// Threads: pure functions over values. Errors: of decode_payload, data_corrupt for text that encode never wrote.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "daemon/intake/request.h"

namespace vivid::daemon {

// Of a refused message at most so much is kept.
inline constexpr std::size_t kMaxRejectedBytes = 64 * 1024;

// A message with a permanent error, kept as it came so that an operator sees what was wrong with what.
struct RejectedMessage {
  std::string message;
  std::string reason;
};
using JobPayload = std::variant<Request, RejectedMessage>;

std::string encode_payload(const JobPayload& payload);
Result<JobPayload> decode_payload(std::string_view text);

// The job that stands for a refused message. Its id is derived from the message's own, which may be no UUID: the same
// message again is the same record, a corrected one is a job of its own.
Uuid rejected_job_id(const std::string& request_id);

}  // namespace vivid::daemon
