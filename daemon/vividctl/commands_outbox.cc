#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/table.h"

namespace vivid::ctl {
namespace {

Outcome<ExitCode> list_outbox(Context& context, int limit) {
  VIVID_ASSIGN(const Json answer, context.call("outbox.list", {{"limit", limit}}));
  if (context.globals().json) {
    context.print(answer);
    return ExitCode::ok;
  }
  Table table({{"NUMBER", true}, {"JOB"}, {"MESSAGE"}, {"REFUSED"}, {"REASON", false, true}});
  for_each(member(answer, "quarantined"), [&](const Json& row) {
    const std::string stage = text_at(row, "stage");
    table.add_row({{std::to_string(integer_at(row, "seq"))},
                   {short_id(text_at(row, "job"))},
                   {text_at(row, "kind") + (stage.empty() ? "" : " " + stage)},
                   {text_at(row, "quarantined_at")},
                   {text_at(row, "error"), Tone::bad}});
  });
  if (table.empty()) {
    context.remark("the central database refuses nothing");
  } else {
    context.out().write(table.render(context.terminal()));
  }
  return ExitCode::ok;
}

struct RequeueArguments {
  std::optional<std::int64_t> seq;
  bool all = false;
};

Outcome<ExitCode> requeue_outbox(Context& context, const RequeueArguments& arguments) {
  if (arguments.all == arguments.seq.has_value()) {
    return failure(ExitCode::usage, ErrorCode::invalid_input, "name one NUMBER, or say --all");
  }
  const Json params = arguments.all ? Json{{"all", true}} : Json{{"seq", *arguments.seq}};
  VIVID_ASSIGN(const Json answer, context.call("outbox.requeue", params));
  if (context.globals().json) {
    context.print(answer);
  } else {
    const std::int64_t count = integer_at(answer, "requeued");
    context.out().line(count_text(count) + (count == 1 ? " message is" : " messages are") + " sent again");
  }
  return ExitCode::ok;
}

}  // namespace

void add_outbox_commands(CommandLine& line) {
  CLI::App* outbox = add_command(line.app, "outbox", "Messages that the central database refuses: list, requeue",
                                 "Dead letters", {"vividctl outbox list", "vividctl outbox requeue --all"});
  outbox->require_subcommand(1);

  auto limit = std::make_shared<int>(100);
  CLI::App* command = add_command(*outbox, "list", "Refused messages of this host, with the reason", "Commands", {});
  command->add_option("--limit", *limit, "At most this many (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000));
  command->parse_complete_callback(
      [&line, limit] { line.chosen = [limit](Context& context) { return list_outbox(context, *limit); }; });

  auto requeued = std::make_shared<RequeueArguments>();
  command = add_command(*outbox, "requeue", "Send one, or all, again once the reason is gone", "Commands",
                        {"vividctl outbox requeue 4711", "vividctl outbox requeue --all"});
  command->add_option("NUMBER", requeued->seq, "As list shows it");
  command->add_flag("--all", requeued->all, "Every refused message");
  command->parse_complete_callback(
      [&line, requeued] { line.chosen = [requeued](Context& context) { return requeue_outbox(context, *requeued); }; });
}

}  // namespace vivid::ctl
