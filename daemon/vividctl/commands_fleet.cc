#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/database.h"
#include "daemon/vividctl/fleet_view.h"
#include "sync/central/reports/fleet.h"

namespace vivid::ctl {
namespace {

struct FleetArguments {
  std::string database;
  std::string lease = "60s";
};

Outcome<ExitCode> fleet(Context& context, const FleetArguments& arguments) {
  VIVID_ASSIGN(const auto lease, optional_duration(arguments.lease));
  VIVID_ASSIGN(sync::Session session, open_database(context, arguments.database));
  using std::chrono::seconds;
  const seconds whole = std::max(seconds(1), std::chrono::ceil<seconds>(lease.value_or(seconds(60))));
  VIVID_ASSIGN(const Json answer, database_answer(sync::read_fleet(session, whole)));
  if (context.globals().json) {
    context.print(answer);
  } else {
    context.out().write(render_fleet(answer, context.terminal()));
  }
  return ExitCode::ok;
}

}  // namespace

void add_fleet_command(CommandLine& line) {
  auto arguments = std::make_shared<FleetArguments>();
  CLI::App* command =
      add_command(line.app, "fleet", "Hosts, their load and leases, and what waits for them", "Database",
                  {"vividctl fleet", "vividctl fleet --json | jq '.nodes[] | select(.state == \"gone\") | .node_id'"});
  add_database_option(command, arguments->database);
  command
      ->add_option("--lease", arguments->lease,
                   "A lease, as the daemons have it (default 60s): unseen for so long is gone")
      ->type_name("DURATION")
      ->check(duration_option());
  command->parse_complete_callback(
      [&line, arguments] { line.chosen = [arguments](Context& context) { return fleet(context, *arguments); }; });
}

}  // namespace vivid::ctl
