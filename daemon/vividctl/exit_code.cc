#include "daemon/vividctl/exit_code.h"

namespace vivid::ctl {

ExitCode exit_code_of(ErrorCode code, std::string_view method) {
  if (code == ErrorCode::not_found) return ExitCode::not_found;
  if (code != ErrorCode::invalid_input && code != ErrorCode::too_large) return ExitCode::refused;
  if (method == "job.submit") return ExitCode::invalid_input;
  return method == "reload" ? ExitCode::refused : ExitCode::usage;
}

ExitCode worse_exit(ExitCode a, ExitCode b) {
  const auto rank = [](ExitCode code) {
    if (code == ExitCode::ok) return 0;
    if (code == ExitCode::job_cancelled) return 1;
    return code == ExitCode::job_failed ? 2 : 3;
  };
  return rank(b) > rank(a) ? b : a;
}

}  // namespace vivid::ctl
