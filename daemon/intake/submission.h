// What an operator hands in over the control socket, turned into a request.
//
// Threads: pure functions; see request.h. Errors: invalid_input, all problems at once.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "daemon/intake/request.h"

namespace vivid::daemon {

// A request that was accepted, or the reason, together with what is needed to keep a record of the refusal.
struct Submission {
  Result<Request> request;
  std::string message;       // as it came; empty when the refusal has no identity to be recorded under
  MessageIdentity identity;  // of the message
};

// `params` of job.submit: {"request": {…}, "priority"?} or {"input": "text", "modalities"?, "priority"?,
// "request_id"?, "student_id"?}. The second becomes a request, of student "operator" unless it names another.
Submission parse_submission(std::string_view params, const std::string& environment);

// Whether a submission asks for text alone, as far as can be seen without checking it: which threads it belongs to.
bool looks_text_only(std::string_view params);

}  // namespace vivid::daemon
