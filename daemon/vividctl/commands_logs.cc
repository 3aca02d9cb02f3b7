#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

struct LogArguments {
  std::string job;
  int limit = 1000;
};

Tone tone_of_level(const std::string& level) {
  if (level == "error") return Tone::bad;
  if (level == "warning") return Tone::warning;
  return level == "debug" ? Tone::quiet : Tone::plain;
}

// "21:03:04.123  info     stage finished  stage=render seconds=4.2": the time of day, since a job lives for minutes.
std::string render_line(const Json& entry, const Terminal& terminal) {
  const std::string time = text_at(entry, "time");
  const std::string level = text_at(entry, "level");
  const std::string of_day = time.size() >= 23 ? time.substr(11, 12) : time;
  std::string line = terminal.paint(printable(of_day), Tone::quiet) + "  " +
                     terminal.paint(padded(printable(level), 7), tone_of_level(level)) + "  " +
                     printable(text_at(entry, "message"));
  std::string fields;
  for (const auto& [key, value] : entry.items()) {
    // What every line of the job says again tells nothing.
    if (key == "time" || key == "level" || key == "message" || key == "job" || key == "correlation_id") continue;
    const std::string text = value.is_string() ? value.get<std::string>() : to_line(value);
    const bool quoted = text.empty() || text.find_first_of(" \"=") != std::string::npos;
    fields += " " + printable(key) + "=" + (quoted ? to_line(Json(printable(text))) : printable(text));
  }
  return fields.empty() ? line : line + " " + terminal.paint(fields, Tone::quiet);
}

Outcome<ExitCode> show_logs(Context& context, const LogArguments& arguments) {
  VIVID_ASSIGN(const Json answer, context.call("job.logs", {{"job", arguments.job}, {"limit", arguments.limit}}));
  const Json& lines = member(answer, "lines");
  for_each(lines, [&](const Json& entry) {
    // An entry is an object, or the text of one.
    const std::optional<Json> parsed = entry.is_string() ? parse_json(entry.get<std::string>()) : std::nullopt;
    const Json& object = parsed ? *parsed : entry;
    if (context.globals().json) {
      context.print(object);
    } else if (object.is_object()) {
      context.out().line(render_line(object, context.terminal()));
    } else {
      context.out().line(printable(object.is_string() ? object.get<std::string>() : to_line(object)));
    }
  });
  if (!lines.is_array() || lines.empty()) context.remark("nothing is logged about this job");
  return ExitCode::ok;
}

}  // namespace

void add_logs_command(CommandLine& line) {
  auto arguments = std::make_shared<LogArguments>();
  CLI::App* command =
      add_command(line.app, "logs", "What was logged about one job", "Jobs",
                  {"vividctl logs 3f0c5a52", "vividctl logs 3f0c5a52 --json | jq 'select(.level==\"error\")'"});
  command->add_option("JOB", arguments->job, "Id, or its first characters")->required();
  command->add_option("--limit", arguments->limit, "The last so many lines (default 1000)")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  command->parse_complete_callback(
      [&line, arguments] { line.chosen = [arguments](Context& context) { return show_logs(context, *arguments); }; });
}

}  // namespace vivid::ctl
