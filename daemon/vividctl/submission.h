// What somebody hands to `vividctl submit`, made into parameters of job.submit: a request message, a bare script or
// storyboard, a language model's answer with fences and prose around it, or JSON Lines of request messages.
//
// Threads: pure functions. Errors: invalid_input for what cannot be any of these. What is inside a request is the
// daemon's to judge, so that one place decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/vividctl/exit_code.h"
#include "daemon/vividctl/json.h"

namespace vivid::ctl {

struct SubmissionOptions {
  std::vector<std::string> modalities;
  std::optional<int> priority;
  std::string request_id;
  std::string student_id;
};

struct Submission {
  int line = 0;  // of a JSON Lines input, from 1; 0 for an input that is one submission
  // Parameters of job.submit, as JSON text; empty when `problem` says why there are none.
  std::string params;
  std::string problem;
};

// Options given on the command line win over what a message says. A submission without a request id is given one here,
// so that asking again after a lost answer is the same job.
Outcome<std::vector<Submission>> read_submissions(std::string_view text, const SubmissionOptions& options);

}  // namespace vivid::ctl
