#include "daemon/vividctl/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/units.h"
#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/suggest.h"

namespace vivid::ctl {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 refused, 2 wrong usage, 3 no daemon, 4 no such job, 5 job failed,\n"
    "            6 job cancelled, 7 timed out, 8 invalid submission, 130 interrupted.\n\n"
    "Examples:\n"
    "  vividctl submit lesson.json --wait\n"
    "  vividctl watch\n"
    "  vividctl profile 3f0c5a52\n\n"
    "vividctl COMMAND --help says more about each.";

// Help without the allowed values that CLI11 appends to each option: the descriptions name them.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_positional() || option->get_type_size() == 0) return "";
    const std::string type = option->get_type_name();
    return " " + type.substr(0, type.find(':'));
  }
};

struct RawGlobals {
  std::string timeout;
  std::string color = "auto";
};

void add_globals(CLI::App& app, Globals& globals, RawGlobals& raw) {
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", std::string("vividctl ") + VIVID_VERSION, "Print the version");
  app.add_option("--socket", globals.socket,
                 "The daemon's socket (default: $VIVIDCTL_SOCKET, else the first that exists of\n"
                 "/run/vividd, /var/lib/vividd, $XDG_STATE_HOME/vividd or ~/.local/state/vividd/control.sock)")
      ->type_name("PATH");
  app.add_option("--timeout", raw.timeout, "How long to wait for each answer (default 10s)")
      ->type_name("DURATION")
      ->check(duration_option());
  app.add_option("--color", raw.color, "auto, always or never; NO_COLOR is honoured")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("--json", globals.json, "Print the daemon's answer as JSON, one document a line");
}

void add_everything(CommandLine& line, RawGlobals& raw) {
  auto formatter = std::make_shared<HelpFormatter>();
  formatter->column_width(30);
  formatter->label("SUBCOMMAND", "COMMAND");
  formatter->label("Positionals", "Arguments");
  line.app.formatter(std::move(formatter));
  line.app.footer(kFooter);
  line.app.require_subcommand(1);
  add_globals(line.app, line.globals, raw);
  add_submit_command(line);
  add_watch_commands(line);
  add_job_commands(line);
  add_profile_command(line);
  add_logs_command(line);
  add_dead_commands(line);
  add_outbox_commands(line);
  add_daemon_commands(line);
  add_cache_commands(line);
  add_request_commands(line);
  add_fleet_command(line);
  add_cost_commands(line);
  add_usage_command(line);
  add_migrate_commands(line);
  add_completion_command(line);
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> long_options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// The innermost command that was typed.
const CLI::App* innermost(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
  return command;
}

std::string with_suggestion(std::string message, const std::string& typed, const std::vector<std::string>& known) {
  if (const std::optional<std::string> nearest = nearest_word(typed, known)) {
    message += "; did you mean '" + *nearest + "'?";
  }
  return message;
}

// What was not understood, in words; CLI11's own text for everything else.
std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = innermost(app);
  const std::vector<std::string> extras = app.remaining(true);
  if (!extras.empty()) {
    const std::string typed = extras.front().substr(0, extras.front().find('='));
    if (typed.starts_with('-')) {
      std::vector<std::string> known = long_options_of(*command);
      for (std::string& name : long_options_of(app)) known.push_back(std::move(name));
      return with_suggestion("there is no option '" + typed + "'", typed, known);
    }
    const std::vector<std::string> names = names_of_commands(*command);
    if (names.empty()) return "'" + typed + "' is one argument too many for '" + command->get_name() + "'";
    return with_suggestion("there is no command '" + typed + "'", typed, names);
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && !names_of_commands(*command).empty()) {
    std::string names;
    for (const std::string& name : names_of_commands(*command)) names += (names.empty() ? "" : ", ") + name;
    return "name a command: " + names;
  }
  return error.what();
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  const CLI::App* command = innermost(app);
  std::string help = "vividctl";
  std::string path;
  for (const CLI::App* at = command; at->get_parent() != nullptr; at = at->get_parent()) {
    path = " " + at->get_name() + path;
  }
  help += path + " --help";
  std::fprintf(stderr, "vividctl: %s\n(%s)\n", explain(app, error).c_str(), help.c_str());
  return static_cast<int>(ExitCode::usage);
}

// "vividctl help jobs" is what somebody types who does not know yet that it is "jobs --help".
std::vector<std::string> reworded(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  return arguments;
}

int run_chosen(const CommandLine& line, const RawGlobals& raw, const Environment& environment, const Clock& clock) {
  Globals globals = line.globals;
  const Result<std::chrono::milliseconds> timeout = parse_duration(raw.timeout);
  if (timeout) globals.timeout = *timeout;
  globals.color = raw.color == "always"  ? ColorChoice::always
                  : raw.color == "never" ? ColorChoice::never
                                         : ColorChoice::automatic;
  Context context(std::move(globals), environment, clock);
  const Outcome<ExitCode> ended = line.chosen(context);
  const int exit = ended ? static_cast<int>(*ended) : context.report(ended.error());
  context.out().flush();
  if (context.out().error_number() != 0) {
    std::fprintf(stderr, "vividctl: cannot write the output: %s\n", std::strerror(context.out().error_number()));
    return static_cast<int>(ExitCode::refused);
  }
  return exit;
}

}  // namespace

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& group, const std::vector<std::string>& examples) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->fallthrough();
  command->set_help_flag("-h,--help", "Print this help");
  if (!group.empty()) command->group(group);
  std::string footer = "--socket, --timeout, --color and --json may follow too; see vividctl --help.";
  if (!examples.empty()) footer += "\n\nExamples:";
  for (const std::string& example : examples) footer += "\n  " + example;
  command->footer(footer);
  return command;
}

CLI::Validator duration_option() {
  return {[](std::string& text) -> std::string {
            const Result<std::chrono::milliseconds> duration = parse_duration(text);
            if (!duration) return duration.error().message;
            return duration->count() > 0 ? "" : "'" + text + "' is no time at all; write such as 30s or 10m";
          },
          "", "duration"};
}

Outcome<std::optional<std::chrono::milliseconds>> optional_duration(const std::string& text) {
  if (text.empty()) return std::optional<std::chrono::milliseconds>();
  const Result<std::chrono::milliseconds> duration = parse_duration(text);
  if (!duration) return failure(ExitCode::usage, duration.error().code, duration.error().message);
  return std::optional(*duration);
}

int run(const std::vector<std::string>& arguments, const Environment& environment, const Clock& clock) {
  CLI::App app("vividctl talks to vividd: submit lessons, watch them, steer the daemon.", "vividctl");
  CommandLine line{app, {}, {}};
  RawGlobals raw;
  try {
    add_everything(line, raw);
    std::vector<std::string> reversed = reworded(arguments);
    std::reverse(reversed.begin(), reversed.end());
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  return run_chosen(line, raw, environment, clock);
}

std::vector<CommandName> all_commands() {
  CLI::App app;
  CommandLine line{app, {}, {}};
  RawGlobals raw;
  add_everything(line, raw);
  std::vector<CommandName> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back({command->get_name(), long_options_of(*command)});
    for (const CLI::App* inner : command->get_subcommands([](const CLI::App*) { return true; })) {
      commands.push_back({command->get_name() + " " + inner->get_name(), long_options_of(*inner)});
    }
  }
  return commands;
}

}  // namespace vivid::ctl
