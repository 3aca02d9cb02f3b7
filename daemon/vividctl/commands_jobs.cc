#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr const char* kGroup = "Jobs";

struct ListArguments {
  std::vector<std::string> states;
  int limit = 20;
  bool ids = false;
};

Outcome<ExitCode> list_jobs(Context& context, const ListArguments& arguments) {
  Json params{{"limit", arguments.limit}};
  if (!arguments.states.empty()) params["states"] = arguments.states;
  VIVID_ASSIGN(const Json answer, context.call("job.list", params));
  const Json& jobs = member(answer, "jobs");
  if (arguments.ids) {
    for_each(jobs, [&](const Json& job) { context.out().line(printable(text_at(job, "job"))); });
  } else if (context.globals().json) {
    context.print(answer);
  } else if (const std::string table = render_jobs(jobs, context); !table.empty()) {
    bool waits = false;
    for_each(jobs, [&](const Json& job) { waits = waits || text_at(job, "state") == "queued"; });
    if (const std::string held = waits ? context.held_up() : std::string(); !held.empty()) context.remark(held);
    context.out().write(table);
  } else {
    context.remark(arguments.states.empty() ? "no jobs yet" : "no jobs in that state");
  }
  return ExitCode::ok;
}

Outcome<ExitCode> show_job(Context& context, const std::string& job) {
  VIVID_ASSIGN(const Json answer, context.call("job.show", {{"job", job}}));
  if (context.globals().json) {
    context.print(answer);
  } else {
    const bool is_final = is_final_state(text_at(member(answer, "job"), "state"));
    context.out().write(render_job(answer, context, is_final ? std::string() : context.held_up()));
  }
  return ExitCode::ok;
}

// Does one thing to several jobs: every one is tried, each failure is told, the worst one is the exit code.
template <typename Act>
Outcome<ExitCode> for_jobs(Context& context, const std::vector<std::string>& jobs, Act&& act) {
  ExitCode worst = ExitCode::ok;
  for (const std::string& job : jobs) {
    const Outcome<Json> answer = act(job);
    if (!answer) {
      if (jobs.size() == 1 || answer.error().exit == ExitCode::no_daemon) return tl::make_unexpected(answer.error());
      Failure named = answer.error();
      named.message = job + ": " + named.message;
      context.report(named);
      worst = worse_exit(worst, named.exit);
    } else if (context.globals().json) {
      context.print(*answer);
    }
  }
  return worst;
}

Outcome<ExitCode> cancel_jobs(Context& context, const std::vector<std::string>& jobs) {
  return for_jobs(context, jobs, [&](const std::string& job) {
    Outcome<Json> answer = context.call("job.cancel", {{"job", job}});
    if (answer && !context.globals().json) {
      const std::string outcome = text_at(*answer, "outcome");
      std::string said = outcome;
      if (outcome == "cancelled") said = "cancelled";
      if (outcome == "cancel_requested") said = "is running; it is being stopped";
      if (outcome == "already_final") said = "was final already; nothing changed";
      context.out().line(printable(job + "  " + said));
    }
    return answer;
  });
}

Outcome<ExitCode> retry_jobs(Context& context, const std::vector<std::string>& jobs) {
  return for_jobs(context, jobs, [&](const std::string& job) {
    Outcome<Json> answer = context.call("job.retry", {{"job", job}});
    if (answer && !context.globals().json) {
      const std::string stage = text_at(*answer, "stage");
      context.out().line(
          printable(job + "  " + text_at(*answer, "state") + (stage.empty() ? "" : " again from " + stage)));
    }
    return answer;
  });
}

Outcome<ExitCode> set_priority(Context& context, const std::string& job, int priority) {
  VIVID_ASSIGN(const Json answer, context.call("job.priority", {{"job", job}, {"priority", priority}}));
  if (context.globals().json) {
    context.print(answer);
  } else {
    context.out().line(printable(job) + "  priority " + std::to_string(integer_at(answer, "priority", priority)));
  }
  return ExitCode::ok;
}

void add_list_command(CommandLine& line) {
  auto arguments = std::make_shared<ListArguments>();
  CLI::App* command = add_command(
      line.app, "jobs", "List jobs, the newest first", kGroup,
      {"vividctl jobs --state queued,running", "vividctl jobs --state failed --ids | xargs -r vividctl retry"});
  command->add_option("--state", arguments->states, "Only these: queued, running, completed, failed, …")
      ->delimiter(',')
      ->type_name("LIST")
      ->check(CLI::IsMember({"queued", "running", "completed", "failed", "quarantined", "cancelled"}));
  command->add_option("--limit", arguments->limit, "At most this many (default 20)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000));
  command->add_flag("--ids", arguments->ids, "Whole ids only, one a line");
  command->parse_complete_callback(
      [&line, arguments] { line.chosen = [arguments](Context& context) { return list_jobs(context, *arguments); }; });
}

using JobsAction = Outcome<ExitCode> (*)(Context&, const std::vector<std::string>&);

void add_jobs_action(CommandLine& line, const std::string& name, const std::string& description, JobsAction action,
                     const std::vector<std::string>& examples) {
  auto jobs = std::make_shared<std::vector<std::string>>();
  CLI::App* command = add_command(line.app, name, description, kGroup, examples);
  command->add_option("JOB", *jobs, "Id, or its first characters; several may be named")->required()->type_name("JOB");
  command->parse_complete_callback(
      [&line, jobs, action] { line.chosen = [jobs, action](Context& context) { return action(context, *jobs); }; });
}

}  // namespace

void add_job_commands(CommandLine& line) {
  add_list_command(line);

  auto shown = std::make_shared<std::string>();
  CLI::App* command = add_command(line.app, "show", "One job: stages, attempts, files, warnings", kGroup,
                                  {"vividctl show 3f0c5a52", "vividctl show 3f0c5a52 --json | jq .job.error"});
  command->add_option("JOB", *shown, "Id, or its first characters")->required();
  command->parse_complete_callback(
      [&line, shown] { line.chosen = [shown](Context& context) { return show_job(context, *shown); }; });

  add_jobs_action(line, "cancel", "Stop jobs, waiting or running", cancel_jobs, {"vividctl cancel 3f0c5a52"});
  add_jobs_action(line, "retry", "Run failed or cancelled jobs again from where they stopped", retry_jobs,
                  {"vividctl retry 3f0c5a52"});

  struct Priority {
    std::string job;
    int priority = 5;
  };
  auto wanted = std::make_shared<Priority>();
  command =
      add_command(line.app, "priority", "Move a waiting job forward or back", kGroup, {"vividctl priority 3f0c5a52 9"});
  command->add_option("JOB", wanted->job, "Id, or its first characters")->required();
  command->add_option("N", wanted->priority, "0 (last) to 9 (first)")->required()->check(CLI::Range(0, 9));
  command->parse_complete_callback([&line, wanted] {
    line.chosen = [wanted](Context& context) { return set_priority(context, wanted->job, wanted->priority); };
  });
}

}  // namespace vivid::ctl
