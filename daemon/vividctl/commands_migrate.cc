#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/database.h"
#include "daemon/vividctl/migrate_view.h"
#include "sync/central/migrate/migrator.h"

namespace vivid::ctl {
namespace {

constexpr const char* kGroup = "Commands";
constexpr std::chrono::minutes kPatience{10};

struct MigrateArguments {
  std::string database;
  std::string patience;
  std::optional<int> target;
  bool down = false;
  bool dry_run = false;
};
using Shared = std::shared_ptr<MigrateArguments>;

Outcome<sync::Migrator> connect(Context& context, const MigrateArguments& arguments) {
  sync::MigratorOptions options;
  options.url = database_url(context, arguments.database);
  if (options.url.empty()) {
    return failure(ExitCode::usage, ErrorCode::invalid_input,
                   "name the database: --database URL, or $VIVIDCTL_DATABASE_URL");
  }
  using std::chrono::seconds;
  options.connect_timeout = std::max(seconds(1), std::chrono::ceil<seconds>(context.globals().timeout));
  VIVID_ASSIGN(const auto patience, optional_duration(arguments.patience));
  options.steps.patience = patience.value_or(kPatience);
  options.steps.say = [&context](const std::string& line) { context.remark(line); };
  Result<sync::Migrator> migrator = sync::Migrator::connect(std::move(options), context.clock());
  if (!migrator) return database_failure(migrator.error());
  return std::move(*migrator);
}

Outcome<ExitCode> show_status(Context& context, const MigrateArguments& arguments) {
  VIVID_ASSIGN(sync::Migrator migrator, connect(context, arguments));
  const Result<sync::SchemaStatus> status = migrator.status();
  if (!status) return database_failure(status.error(), ExitCode::refused);
  if (context.globals().json) {
    context.print(schema_status_json(*status));
  } else {
    context.out().write(render_schema_status(*status, context.terminal()));
  }
  return ExitCode::ok;
}

Outcome<ExitCode> show_plan(Context& context, const MigrateArguments& arguments) {
  VIVID_ASSIGN(sync::Migrator migrator, connect(context, arguments));
  const Result<sync::Plan> plan = migrator.plan(!arguments.down, arguments.target);
  if (!plan) return database_failure(plan.error(), ExitCode::refused);
  if (context.globals().json) {
    context.print(plan_json(*plan));
  } else if (arguments.dry_run) {
    context.out().write(plan_sql(*plan));
  } else {
    context.out().write(render_plan(*plan, context.terminal()));
  }
  return ExitCode::ok;
}

Outcome<ExitCode> migrate(Context& context, const MigrateArguments& arguments) {
  if (arguments.dry_run) return show_plan(context, arguments);
  VIVID_ASSIGN(sync::Migrator migrator, connect(context, arguments));
  const Result<sync::Plan> done = migrator.migrate(!arguments.down, arguments.target);
  if (!done) return database_failure(done.error(), ExitCode::refused);
  if (context.globals().json) {
    context.print(plan_json(*done));
  } else if (done->revisions.empty() && done->adopts == 0) {
    context.out().line("nothing to do");
  } else {
    for (const sync::PlannedRevision& planned : done->revisions) {
      context.out().line(planned.revision->id() + (planned.up ? " is applied" : " is taken back"));
    }
  }
  return ExitCode::ok;
}

Outcome<ExitCode> verify(Context& context, const MigrateArguments& arguments) {
  VIVID_ASSIGN(sync::Migrator migrator, connect(context, arguments));
  const Result<std::vector<sync::Finding>> findings = migrator.verify();
  if (!findings) return database_failure(findings.error(), ExitCode::refused);
  if (context.globals().json) {
    context.print(findings_json(*findings));
  } else if (findings->empty()) {
    context.out().line("the database is as its ledger says");
  } else {
    context.out().write(render_findings(*findings, context.terminal()));
  }
  return findings->empty() ? ExitCode::ok : ExitCode::refused;
}

Outcome<ExitCode> adopt(Context& context, const MigrateArguments& arguments) {
  VIVID_ASSIGN(sync::Migrator migrator, connect(context, arguments));
  const Result<int> revision = migrator.adopt();
  if (!revision) return database_failure(revision.error(), ExitCode::refused);
  if (context.globals().json) {
    context.print({{"adopted", *revision}});
  } else {
    context.out().line("the database is at revision " + std::to_string(*revision));
  }
  return ExitCode::ok;
}

CLI::App* add_migrate(CommandLine& line, CLI::App& parent, const Shared& arguments, const std::string& name,
                      const std::string& description, Outcome<ExitCode> (*action)(Context&, const MigrateArguments&)) {
  CLI::App* command = add_command(parent, name, description, kGroup, {"vividctl migrate " + name});
  add_database_option(command, arguments->database);
  command->parse_complete_callback(
      [&line, arguments, action] { line.chosen = [=](Context& context) { return action(context, *arguments); }; });
  return command;
}

void add_target(CLI::App* command, const Shared& arguments, const std::string& description) {
  command->add_option("--to", arguments->target, description)->type_name("N")->check(CLI::Range(0, 9999));
}

void add_running(CLI::App* command, const Shared& arguments) {
  command->add_flag("--dry-run", arguments->dry_run, "Print the SQL instead of running it");
  command
      ->add_option("--patience", arguments->patience,
                   "How long to wait for locks, and for another migration to end (default 10m)")
      ->type_name("DURATION")
      ->check(duration_option());
}

}  // namespace

void add_migrate_commands(CommandLine& line) {
  CLI::App* migrate_command = add_command(
      line.app, "migrate", "The central database's schema: status, plan, up, down, verify, adopt", "Database",
      {"vividctl migrate status --database postgresql://operator@db/vividly", "vividctl migrate up --dry-run",
       "vividctl migrate down --to 2"});
  migrate_command->require_subcommand(1);

  const auto fresh = [] { return std::make_shared<MigrateArguments>(); };
  add_migrate(line, *migrate_command, fresh(), "status", "Where each revision stands", show_status);

  const Shared planned = fresh();
  CLI::App* plan =
      add_migrate(line, *migrate_command, planned, "plan", "The steps that up or down would run", show_plan);
  plan->add_flag("--down", planned->down, "Of down instead of up");
  add_target(plan, planned, "The revision to end at");

  const Shared up_arguments = fresh();
  CLI::App* up =
      add_migrate(line, *migrate_command, up_arguments, "up", "Apply what is pending, or go on with it", migrate);
  add_target(up, up_arguments, "The revision to end at (default: the latest)");
  add_running(up, up_arguments);

  const Shared down_arguments = fresh();
  down_arguments->down = true;
  CLI::App* down = add_migrate(line, *migrate_command, down_arguments, "down",
                               "Take revisions back; what they held is kept in backup tables", migrate);
  add_target(down, down_arguments, "The revision to end at (default: one less)");
  add_running(down, down_arguments);

  add_migrate(line, *migrate_command, fresh(), "verify",
              "Compare the database with its revisions, object by object; exit code 1 if they differ", verify);
  add_migrate(line, *migrate_command, fresh(), "adopt",
              "Record a database made by hand at the revision its objects are at", adopt);
}

}  // namespace vivid::ctl
