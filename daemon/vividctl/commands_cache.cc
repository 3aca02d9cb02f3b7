#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/format.h"

namespace vivid::ctl {
namespace {

std::string parts_text(std::int64_t count) { return count_text(count) + (count == 1 ? " part" : " parts"); }

Outcome<ExitCode> show_cache(Context& context) {
  VIVID_ASSIGN(const Json answer, context.call("cache.status", Json::object()));
  if (context.globals().json) {
    context.print(answer);
    return ExitCode::ok;
  }
  const std::int64_t entries = integer_at(answer, "entries");
  context.out().line(parts_text(entries) + ", " + size_text(integer_at(answer, "bytes")) + " of at most " +
                     size_text(integer_at(answer, "max_bytes")) + ", in " + text_at(answer, "directory"));
  if (member(answer, "enabled") == false) {
    context.remark("render.span_cache.enabled is off: nothing is taken from it, and nothing is added");
  }
  return ExitCode::ok;
}

Outcome<ExitCode> clear_cache(Context& context) {
  VIVID_ASSIGN(const Json answer, context.call("cache.clear", Json::object()));
  if (context.globals().json) {
    context.print(answer);
    return ExitCode::ok;
  }
  const std::int64_t removed = integer_at(answer, "removed");
  context.out().line("removed " + parts_text(removed) + ", " + size_text(integer_at(answer, "bytes")));
  return ExitCode::ok;
}

}  // namespace

void add_cache_commands(CommandLine& line) {
  CLI::App* cache = add_command(line.app, "cache", "What was encoded before, and need not be again: status, clear",
                                "Daemon", {"vividctl cache status", "vividctl cache clear"});
  cache->require_subcommand(1);
  add_command(*cache, "status", "How much there is, and where", "Commands", {})->parse_complete_callback([&line] {
    line.chosen = show_cache;
  });
  add_command(*cache, "clear", "Remove all of it: everything is encoded anew", "Commands", {})
      ->parse_complete_callback([&line] { line.chosen = clear_cache; });
}

}  // namespace vivid::ctl
