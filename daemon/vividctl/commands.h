// The commands, one file a group. Each function adds its group to the command line and sets `chosen` to what the
// parsed command does.
//
// Threads: one thread. Ownership: the parsed options live in the action that uses them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/vividctl/context.h"
#include "daemon/vividctl/submission.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace vivid::ctl {

struct CommandLine {
  CLI::App& app;
  Action chosen;
  Globals globals;
};

void add_submit_command(CommandLine& line);
void add_job_commands(CommandLine& line);        // jobs, show, cancel, retry, priority
void add_watch_commands(CommandLine& line);      // watch, wait
void add_profile_command(CommandLine& line);     // profile
void add_logs_command(CommandLine& line);        // logs
void add_dead_commands(CommandLine& line);       // dead list, show, requeue
void add_outbox_commands(CommandLine& line);     // outbox list, requeue
void add_daemon_commands(CommandLine& line);     // status, ping, pause, resume, drain, reload
void add_cache_commands(CommandLine& line);      // cache status, clear
void add_migrate_commands(CommandLine& line);    // migrate status, plan, up, down, verify, adopt
void add_request_commands(CommandLine& line);    // request, request show, list, cancel, retry
void add_fleet_command(CommandLine& line);       // fleet
void add_cost_commands(CommandLine& line);       // cost report, forecast
void add_usage_command(CommandLine& line);       // usage
void add_completion_command(CommandLine& line);  // completion

// --- Shared by the groups ------------------------------------------------------------------------------------------

// A command with what every one has: the group it is listed in, global options behind it, examples below its help.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& group, const std::vector<std::string>& examples);
// Accepts durations longer than nothing: "90s", "10m", "1h30m".
CLI::Validator duration_option();
// Nothing for an empty text.
Outcome<std::optional<std::chrono::milliseconds>> optional_duration(const std::string& text);
// The whole of a file, or of standard input for "-", up to 64 MiB.
Outcome<std::string> read_input(const std::string& file);
struct WaitOptions {
  bool wait = false;
  std::string limit;  // a duration, or empty
};
// Hands them to the daemon one after another and tells what became of each; the worst exit code.
Outcome<ExitCode> submit_all(Context& context, const std::vector<Submission>& submissions, const WaitOptions& options);
// Human text of job.show; `held` says why nothing new starts, for a job that waits.
std::string render_job(const Json& shown, Context& context, const std::string& held = "");
// Human table of summaries.
std::string render_jobs(const Json& jobs, Context& context);

}  // namespace vivid::ctl
