// How a vividctl command ends: the exit codes that scripts rely on (documented in docs/vividctl.md), and the failure
// that carries one up from where it was noticed.
//
// Threads: values.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace vivid::ctl {

enum class ExitCode : int {
  ok = 0,
  refused = 1,        // the daemon refused or failed, or its answer made no sense
  usage = 2,          // the command line is wrong, or names a lane or job in a way that the daemon cannot take
  no_daemon = 3,      // nothing answers at the socket
  not_found = 4,      // no such job
  job_failed = 5,     // the awaited job failed or was quarantined
  job_cancelled = 6,  // the awaited job was cancelled
  timed_out = 7,      // no answer, or no final state, in time
  invalid_input = 8,  // the submission itself is wrong
};

struct Failure {
  ExitCode exit = ExitCode::refused;
  std::string code;     // of base/error.h, as text; what `--json` prints
  std::string message;  // one sentence for a person
};

// tl::expected that may not be ignored; works with VIVID_TRY and VIVID_ASSIGN.
template <typename T>
class [[nodiscard]] Outcome : public tl::expected<T, Failure> {
 public:
  using tl::expected<T, Failure>::expected;
};

inline tl::unexpected<Failure> failure(ExitCode exit, ErrorCode code, std::string message) {
  return tl::make_unexpected(Failure{exit, std::string(to_text(code)), std::move(message)});
}

// The exit code of an error that the daemon gave to `method`: what is wrong with a submission is no matter of the
// command line, and what is wrong with a configuration file is a refusal.
ExitCode exit_code_of(ErrorCode code, std::string_view method);

// Of several jobs or lines: what a script must hear of first. A refusal, then a failed job, then a cancelled one.
ExitCode worse_exit(ExitCode a, ExitCode b);

}  // namespace vivid::ctl
