#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/interrupt.h"
#include "daemon/vividctl/text.h"
#include "daemon/vividctl/watcher.h"

namespace vivid::ctl {
namespace {

struct WatchArguments {
  std::string job;
  std::string reconnect = "60s";
};

Outcome<ExitCode> watch(Context& context, const WatchArguments& arguments) {
  WatchOptions options;
  VIVID_ASSIGN(const auto reconnect, optional_duration(arguments.reconnect));
  if (reconnect) options.reconnect_limit = *reconnect;
  if (!arguments.job.empty()) {
    VIVID_ASSIGN(const Json summary, find_job(context, arguments.job));
    options.jobs.push_back(text_at(summary, "job"));
  } else if (context.terminal().interactive) {
    context.remark("watching every job; Ctrl-C ends");
  }
  const InterruptNotice notice(context, options.jobs);
  const std::unique_ptr<ProgressView> view = make_progress_view(context);
  return Watcher(context, *view, std::move(options)).run();
}

struct WaitArguments {
  std::vector<std::string> jobs;
  std::string timeout;
  std::string reconnect = "60s";
};

std::string final_line(Context& context, const Json& summary) {
  const Terminal& terminal = context.terminal();
  const std::string state = text_at(summary, "state");
  std::string line = terminal.paint(mark_of_state(state, terminal.unicode), tone_of_state(state)) + " " +
                     printable(text_at(summary, "job")) + "  " + terminal.paint(printable(state), tone_of_state(state));
  const Json& error = member(summary, "error");
  if (error.is_object()) line += "  " + printable(text_at(error, "code") + ": " + text_at(error, "message"));
  return line;
}

Outcome<ExitCode> wait(Context& context, const WaitArguments& arguments) {
  VIVID_ASSIGN(const auto limit, optional_duration(arguments.timeout));
  VIVID_ASSIGN(const auto reconnect, optional_duration(arguments.reconnect));
  const InterruptNotice notice(context, arguments.jobs);
  ExitCode worst = ExitCode::ok;
  for (const std::string& job : arguments.jobs) {
    const Outcome<Json> summary = wait_for_job(context, job, limit, reconnect.value_or(std::chrono::minutes(1)));
    if (!summary) {
      // What is wrong with one job is no reason to keep silent about the others.
      const ExitCode exit = summary.error().exit;
      if (arguments.jobs.size() == 1 || exit == ExitCode::no_daemon) return tl::make_unexpected(summary.error());
      Failure named = summary.error();
      named.message = job + ": " + named.message;
      context.report(named);
      worst = worse_exit(worst, exit);
      if (exit == ExitCode::timed_out) context.disconnect();
      continue;
    }
    if (context.globals().json) {
      context.print(*summary);
    } else {
      context.out().line(final_line(context, *summary));
    }
    if (!context.out().flush()) return worst;
    worst = worse_exit(worst, exit_code_of_state(text_at(*summary, "state")));
  }
  return worst;
}

}  // namespace

void add_watch_commands(CommandLine& line) {
  auto watched = std::make_shared<WatchArguments>();
  CLI::App* command =
      add_command(line.app, "watch", "Follow one job, or all of them, as they go", "Jobs",
                  {"vividctl watch", "vividctl watch 3f0c5a52", "vividctl watch --json | jq .fraction"});
  command->add_option("JOB", watched->job, "Id, or its first characters; without: every job")->type_name("JOB");
  command->add_option("--reconnect", watched->reconnect, "How long a restarting daemon is waited for (default 60s)")
      ->type_name("DURATION")
      ->check(duration_option());
  command->parse_complete_callback(
      [&line, watched] { line.chosen = [watched](Context& context) { return watch(context, *watched); }; });

  auto awaited = std::make_shared<WaitArguments>();
  command = add_command(line.app, "wait", "Wait until jobs are final; exit 0, 5 or 6 by how they ended", "Jobs",
                        {"vividctl wait 3f0c5a52 --timeout 10m && play lesson"});
  command->add_option("JOB", awaited->jobs, "Id, or its first characters")->required();
  command->add_option("--reconnect", awaited->reconnect, "How long a restarting daemon is waited for (default 60s)")
      ->type_name("DURATION")
      ->check(duration_option());
  command->add_option("--timeout", awaited->timeout, "Give up after this long, with exit 7")
      ->type_name("DURATION")
      ->check(duration_option());
  command->parse_complete_callback(
      [&line, awaited] { line.chosen = [awaited](Context& context) { return wait(context, *awaited); }; });
}

}  // namespace vivid::ctl
