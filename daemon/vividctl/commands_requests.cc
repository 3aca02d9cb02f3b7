#include "daemon/vividctl/commands_requests.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/database.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/request_view.h"
#include "daemon/vividctl/text.h"
#include "sync/central/reports/requests.h"

namespace vivid::ctl {
namespace {

constexpr const char* kGroup = "Commands";
using Database = std::shared_ptr<std::string>;

std::string this_host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

Outcome<std::string> full_id(sync::Session& session, const std::string& name) {
  const Result<std::string> id = sync::find_request(session, name);
  if (!id) return database_failure(id.error());
  return *id;
}

Outcome<ExitCode> show(Context& context, const std::string& database, const std::string& name) {
  VIVID_ASSIGN(sync::Session session, open_database(context, database));
  VIVID_ASSIGN(const std::string id, full_id(session, name));
  VIVID_ASSIGN(const Json shown, database_answer(sync::show_request(session, id)));
  if (context.globals().json) {
    context.print(shown);
  } else {
    context.out().write(render_request(shown, context.terminal()));
  }
  return ExitCode::ok;
}

struct ListArguments {
  std::vector<std::string> statuses;
  int limit = 20;
};

Outcome<ExitCode> list(Context& context, const std::string& database, const ListArguments& arguments) {
  VIVID_ASSIGN(sync::Session session, open_database(context, database));
  VIVID_ASSIGN(const Json answer, database_answer(sync::list_requests(session, arguments.statuses, arguments.limit)));
  if (context.globals().json) {
    context.print(answer);
  } else if (const std::string table = render_requests(answer, context.terminal()); !table.empty()) {
    context.out().write(table);
  } else {
    context.remark(arguments.statuses.empty() ? "no requests yet" : "no requests of that status");
  }
  return ExitCode::ok;
}

// What an action's answer means, in words; empty: it was refused, for the reason that `refusal` is given.
using Words = std::string (*)(const Json& answer, std::string& refusal);

std::string words_of_cancel(const Json& answer, std::string& /*refusal*/) {
  if (text_at(answer, "outcome") == "cancelled") return "cancelled";
  return "was " + text_at(answer, "status") + " already; nothing changed";
}

std::string words_of_retry(const Json& answer, std::string& refusal) {
  const std::string outcome = text_at(answer, "outcome");
  if (outcome == "pending") return "pending again, retry " + count_text(integer_at(answer, "retry_count"));
  if (outcome == "completed") refusal = "is completed; only failed and cancelled requests can be tried again";
  if (outcome == "not_ended") refusal = "is " + text_at(answer, "status") + "; it has not ended yet";
  if (outcome == "held")
    refusal = "is still held by " + text_at(answer, "holder") + ", which is stopping it; try again in a moment";
  return {};
}

using Change = Result<std::string> (*)(sync::Session&, const std::string& id, const std::string& host);

Outcome<ExitCode> change_one(Context& context, sync::Session& session, const std::string& name, Change change,
                             Words words) {
  VIVID_ASSIGN(const std::string id, full_id(session, name));
  VIVID_ASSIGN(const Json answer, database_answer(change(session, id, this_host())));
  std::string refusal;
  const std::string said = words(answer, refusal);
  if (!refusal.empty()) return failure(ExitCode::refused, ErrorCode::already_exists, "request " + id + " " + refusal);
  if (context.globals().json) {
    context.print(answer);
  } else {
    context.out().line(id + "  " + printable(said));
  }
  return ExitCode::ok;
}

Outcome<ExitCode> change_all(Context& context, const std::string& database, const std::vector<std::string>& names,
                             Change change, Words words) {
  VIVID_ASSIGN(sync::Session session, open_database(context, database));
  ExitCode worst = ExitCode::ok;
  for (const std::string& name : names) {
    const Outcome<ExitCode> done = change_one(context, session, name, change, words);
    if (done) continue;
    if (names.size() == 1 || done.error().exit == ExitCode::no_daemon) return done;
    context.report(done.error());
    worst = worse_exit(worst, done.error().exit);
  }
  return worst;
}

CLI::App* add_inner(CLI::App& request, const Database& database, const std::string& name,
                    const std::string& description, const std::vector<std::string>& examples) {
  CLI::App* command = add_command(request, name, description, kGroup, examples);
  add_database_option(command, *database);
  return command;
}

void add_change(CommandLine& line, CLI::App& request, const Database& database, const std::string& name,
                const std::string& description, Change change, Words words) {
  auto ids = std::make_shared<std::vector<std::string>>();
  CLI::App* command = add_inner(request, database, name, description, {"vividctl request " + name + " 3f0c5a52"});
  command->add_option("ID", *ids, "Id, its first characters, or a correlation id; several may be named")->required();
  command->parse_complete_callback([&line, database, ids, change, words] {
    line.chosen = [=](Context& context) { return change_all(context, *database, *ids, change, words); };
  });
}

}  // namespace

void add_inner_request_commands(CommandLine& line, CLI::App& request, const Database& database) {
  auto shown = std::make_shared<std::string>();
  CLI::App* command =
      add_inner(request, database, "show", "One request: stages, content, costs, events",
                {"vividctl request show 3f0c5a52", "vividctl request show req_test1 --json | jq .costs"});
  command->add_option("ID", *shown, "Id, its first characters, or a correlation id")->required();
  command->parse_complete_callback(
      [&line, database, shown] { line.chosen = [=](Context& context) { return show(context, *database, *shown); }; });

  auto listed = std::make_shared<ListArguments>();
  command = add_inner(request, database, "list", "The newest requests",
                      {"vividctl request list --status pending,generating_video --limit 50"});
  command->add_option("--status", listed->statuses, "Only these: pending, generating_video, completed, failed, …")
      ->delimiter(',')
      ->type_name("LIST")
      ->check(CLI::IsMember({"pending", "validating", "retrieving", "generating_script", "generating_video",
                             "processing_video", "notifying", "completed", "failed", "cancelled"}));
  command->add_option("--limit", listed->limit, "At most this many (default 20)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000));
  command->parse_complete_callback(
      [&line, database, listed] { line.chosen = [=](Context& context) { return list(context, *database, *listed); }; });

  add_change(line, request, database, "cancel", "Stop requests, waiting or running, wherever they run",
             sync::cancel_request, words_of_cancel);
  add_change(line, request, database, "retry", "Let failed or cancelled requests be claimed again, from the start",
             sync::retry_request, words_of_retry);
}

}  // namespace vivid::ctl
