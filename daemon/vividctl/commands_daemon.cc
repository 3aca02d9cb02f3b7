#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/status_view.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr const char* kGroup = "Daemon";

std::string joined(const Json& texts) {
  std::string text;
  for_each(texts, [&](const Json& item) {
    if (item.is_string()) text += (text.empty() ? "" : ", ") + printable(item.get<std::string>());
  });
  return text;
}

// Calls a method and says in words what came of it.
template <typename Words>
Outcome<ExitCode> call_and_say(Context& context, const char* method, const Json& params, Words&& words) {
  VIVID_ASSIGN(const Json answer, context.call(method, params));
  if (context.globals().json) {
    context.print(answer);
  } else {
    context.out().line(words(answer));
  }
  return ExitCode::ok;
}

Outcome<ExitCode> show_status(Context& context) {
  VIVID_ASSIGN(const Json answer, context.call("status", Json::object()));
  if (context.globals().json) {
    context.print(answer);
  } else {
    context.out().write(render_status(answer, context.terminal()));
  }
  return ExitCode::ok;
}

Outcome<ExitCode> ping(Context& context) {
  return call_and_say(context, "ping", Json::object(), [](const Json& answer) {
    return printable("vividd " + text_at(answer, "version") + " answers (pid " +
                     std::to_string(integer_at(answer, "pid")) + ", up " +
                     seconds_text(number_at(answer, "uptime_seconds").value_or(0.0)) + ", on " +
                     text_at(answer, "host") + ")");
  });
}

Outcome<ExitCode> set_paused(Context& context, const char* method, const std::string& lane) {
  const Json params = lane.empty() ? Json::object() : Json{{"lane", lane}};
  // The answer to a pause without a lane names each of them.
  const bool every = lane.empty() && std::string_view(method) == "pause";
  return call_and_say(context, method, params, [every](const Json& answer) {
    const std::string text = pause_text(answer);
    if (text.empty()) return std::string("no lane is paused");
    return every ? std::string("paused: every lane") : text;
  });
}

Outcome<ExitCode> drain(Context& context, bool stop) {
  return call_and_say(context, "drain", Json{{"stop", stop}}, [&](const Json& answer) {
    const std::int64_t running = integer_at(answer, "running");
    const std::string stages = count_text(running) + (running == 1 ? " stage" : " stages");
    const std::string rest =
        stop ? "; vividd ends after that, at the latest after shutdown.drain_limit (30s unless set): what still runs "
               "then is given back and starts again with the next vividd"
             : "";
    return running == 0 ? "nothing is running" + std::string(stop ? "; vividd ends" : "; nothing new is started")
                        : "nothing new is started; " + stages + " still running" + rest;
  });
}

Outcome<ExitCode> reload(Context& context) {
  return call_and_say(context, "reload", Json::object(), [](const Json& answer) {
    const std::string changed = joined(member(answer, "changed"));
    const std::string restart = joined(member(answer, "needs_restart"));
    std::string text = changed.empty() ? "nothing changed" : "changed: " + changed;
    if (!restart.empty()) text += "\nafter a restart only: " + restart;
    return text;
  });
}

void add_simple_command(CommandLine& line, const std::string& name, const std::string& description,
                        Outcome<ExitCode> (*action)(Context&), const std::vector<std::string>& examples) {
  CLI::App* command = add_command(line.app, name, description, kGroup, examples);
  command->parse_complete_callback([&line, action] { line.chosen = action; });
}

void add_lane_command(CommandLine& line, const char* method, const std::string& description) {
  auto lane = std::make_shared<std::string>();
  CLI::App* command = add_command(line.app, method, description, kGroup,
                                  {"vividctl " + std::string(method) + " render", "vividctl " + std::string(method)});
  command->add_option("LANE", *lane, "intake, cpu, render or net; without: every lane")->type_name("LANE");
  command->parse_complete_callback([&line, lane, method] {
    line.chosen = [lane, method](Context& context) { return set_paused(context, method, *lane); };
  });
}

}  // namespace

void add_daemon_commands(CommandLine& line) {
  add_simple_command(line, "status", "How the daemon is: queue, lanes, workers, disk", show_status,
                     {"vividctl status", "vividctl status --json | jq .jobs"});
  add_simple_command(line, "ping", "Whether a daemon answers, and which", ping, {"vividctl ping"});
  add_lane_command(line, "pause", "Start nothing new in a lane; survives restarts");
  add_lane_command(line, "resume", "Let a paused lane go on");

  auto stop = std::make_shared<bool>(false);
  CLI::App* command =
      add_command(line.app, "drain", "Finish what runs and start nothing new", kGroup, {"vividctl drain --stop"});
  command->add_flag("--stop", *stop, "Then end the daemon");
  command->parse_complete_callback(
      [&line, stop] { line.chosen = [stop](Context& context) { return drain(context, *stop); }; });

  add_simple_command(line, "reload", "Read the configuration again", reload, {"vividctl reload"});
}

}  // namespace vivid::ctl
