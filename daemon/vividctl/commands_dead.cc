#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/format.h"

namespace vivid::ctl {
namespace {

Outcome<ExitCode> list_dead(Context& context, int limit) {
  VIVID_ASSIGN(const Json answer, context.call("dead.list", {{"limit", limit}}));
  if (context.globals().json) {
    context.print(answer);
  } else if (const std::string table = render_jobs(member(answer, "jobs"), context); !table.empty()) {
    context.out().write(table);
  } else {
    context.remark("no dead letters");
  }
  return ExitCode::ok;
}

Outcome<ExitCode> show_dead(Context& context, const std::string& job) {
  VIVID_ASSIGN(const Json answer, context.call("job.show", {{"job", job}}));
  const std::string state = text_at(member(answer, "job"), "state");
  if (state != "failed" && state != "quarantined") {
    return failure(ExitCode::not_found, ErrorCode::not_found,
                   "job " + job + " is no dead letter: it is " + (state.empty() ? "in no known state" : state));
  }
  if (context.globals().json) {
    context.print(answer);
  } else {
    context.out().write(render_job(answer, context));
    if (context.terminal().interactive) {
      context.out().line("\n" + context.terminal().paint("again: vividctl dead requeue " + short_id(job), Tone::quiet));
    }
  }
  return ExitCode::ok;
}

struct RequeueArguments {
  std::string job;
  bool all = false;
};

Outcome<ExitCode> requeue_dead(Context& context, const RequeueArguments& arguments) {
  if (arguments.all != arguments.job.empty()) {
    return failure(ExitCode::usage, ErrorCode::invalid_input, "name one JOB, or say --all");
  }
  const Json params = arguments.all ? Json{{"all", true}} : Json{{"job", arguments.job}};
  VIVID_ASSIGN(const Json answer, context.call("dead.requeue", params));
  if (context.globals().json) {
    context.print(answer);
  } else {
    const std::int64_t count = integer_at(answer, "requeued");
    context.out().line(count_text(count) + (count == 1 ? " job is" : " jobs are") + " waiting again");
  }
  return ExitCode::ok;
}

}  // namespace

void add_dead_commands(CommandLine& line) {
  CLI::App* dead = add_command(line.app, "dead", "Jobs that failed for good: list, show, requeue", "Dead letters",
                               {"vividctl dead list", "vividctl dead requeue --all"});
  dead->require_subcommand(1);

  auto limit = std::make_shared<int>(100);
  CLI::App* command = add_command(*dead, "list", "Failed and quarantined jobs, with the reason", "Commands", {});
  command->add_option("--limit", *limit, "At most this many (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000));
  command->parse_complete_callback(
      [&line, limit] { line.chosen = [limit](Context& context) { return list_dead(context, *limit); }; });

  auto shown = std::make_shared<std::string>();
  command = add_command(*dead, "show", "One of them, with every attempt", "Commands", {"vividctl dead show 3f0c5a52"});
  command->add_option("JOB", *shown, "Id, or its first characters")->required();
  command->parse_complete_callback(
      [&line, shown] { line.chosen = [shown](Context& context) { return show_dead(context, *shown); }; });

  auto requeued = std::make_shared<RequeueArguments>();
  command = add_command(*dead, "requeue", "Let one, or all, run again with fresh attempts", "Commands",
                        {"vividctl dead requeue 3f0c5a52", "vividctl dead requeue --all"});
  command->add_option("JOB", requeued->job, "Id, or its first characters");
  command->add_flag("--all", requeued->all, "Every dead letter");
  command->parse_complete_callback(
      [&line, requeued] { line.chosen = [requeued](Context& context) { return requeue_dead(context, *requeued); }; });
}

}  // namespace vivid::ctl
