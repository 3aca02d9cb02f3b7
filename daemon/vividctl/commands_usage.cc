#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/cost_view.h"
#include "daemon/vividctl/database.h"
#include "daemon/vividctl/dates.h"
#include "sync/central/reports/usage.h"

namespace vivid::ctl {
namespace {

struct UsageArguments {
  std::string database;
  sync::UsageQuestion question;
};

Outcome<ExitCode> usage(Context& context, const UsageArguments& arguments) {
  sync::UsageQuestion question = arguments.question;
  // Of one organization its students are of interest, of all of them the organizations.
  if (question.by.empty()) {
    const bool students = !question.student_id.empty() || !question.organization_id.empty();
    question.by = {"month", students ? "student" : "organization"};
  }
  VIVID_ASSIGN(sync::Session session, open_database(context, arguments.database));
  VIVID_ASSIGN(const Json answer, database_answer(sync::read_usage(session, question)));
  if (context.globals().json) {
    context.print(answer);
  } else {
    context.out().write(render_usage(answer, question.by, context.terminal()));
  }
  return ExitCode::ok;
}

}  // namespace

void add_usage_command(CommandLine& line) {
  auto arguments = std::make_shared<UsageArguments>();
  sync::UsageQuestion& question = arguments->question;
  CLI::App* command = add_command(
      line.app, "usage", "How many answers were given, by month, organization or student, and modality", "Database",
      {"vividctl usage --month 2026-11", "vividctl usage --organization org-1 --by student",
       "vividctl usage --student student_1"});
  add_database_option(command, arguments->database);
  command->add_option("--month", question.month, "Only this one, such as 2026-11 (default: all)")
      ->type_name("MONTH")
      ->check(month_option());
  command->add_option("--student", question.student_id, "Only this student")->type_name("ID");
  command->add_option("--organization", question.organization_id, "Only this organization")->type_name("ID");
  command
      ->add_option("--by", question.by,
                   "What rows are for: month, organization, student (default month and organization;\n"
                   "month and student where one of them is named)")
      ->delimiter(',')
      ->type_name("LIST")
      ->check(CLI::IsMember({"month", "organization", "student"}));
  command->add_option("--limit", question.limit, "At most this many rows, the largest first (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  command->parse_complete_callback(
      [&line, arguments] { line.chosen = [arguments](Context& context) { return usage(context, *arguments); }; });
}

}  // namespace vivid::ctl
