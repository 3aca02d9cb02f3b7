#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "render/encode/av_log.h"
#include "render/protocol/messages.h"
#include "render/vivid_render/command_line.h"
#include "render/vivid_render/gpu_commands.h"
#include "render/vivid_render/interrupt.h"
#include "render/vivid_render/local_run.h"
#include "render/vivid_render/message_channel.h"
#include "render/vivid_render/worker.h"

namespace vivid::render {
namespace {

log::Options log_options(const CommandLine& command) {
  log::Options options;
  options.program = "vivid-render";
  // Warnings about the lesson are printed with the results; a worker's log is vividd's to read.
  options.level = command.worker ? log::Level::info : log::Level::warning;
  if (command.verbose) options.level = log::Level::debug;
  const bool for_people = !command.worker && ::isatty(STDERR_FILENO) == 1;
  options.format = for_people ? log::Format::human : log::Format::json;
  return options;
}

int be_worker() {
  if (!die_with_parent()) return kExitTransient;
  MessageChannel channel{UniqueFd(kWorkerSocketFd)};
  const Status ended = run_worker(channel, system_clock());
  if (ended.has_value()) return kExitOk;
  log::error("worker ends", {{"error", ended.error().describe()}});
  return kExitTransient;
}

int run(int count, const char* const* arguments) {
  const ParsedCommandLine parsed = parse_command_line(count, arguments);
  if (parsed.exit_code.has_value()) return *parsed.exit_code;
  log::start(log_options(parsed.command));
  route_av_log();
  watch_for_interrupts();
  if (parsed.command.probe) return print_probe(parsed.command.json, parsed.command.probe_cache);
  if (parsed.command.watch_gpus_seconds > 0) return watch_gpus(std::chrono::seconds(parsed.command.watch_gpus_seconds));
  return parsed.command.worker ? be_worker() : run_locally(parsed.command, system_clock());
}

}  // namespace
}  // namespace vivid::render

int main(int count, char** arguments) { return vivid::render::run(count, arguments); }
