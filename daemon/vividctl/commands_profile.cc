#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/profile.h"

namespace vivid::ctl {
namespace {

struct ProfileArguments {
  std::string job;
  std::string trace;
};

Outcome<ExitCode> show_profile(Context& context, const ProfileArguments& arguments) {
  VIVID_ASSIGN(const Json answer, context.call("job.profile", {{"job", arguments.job}}));
  const Profile profile = parse_profile(answer);
  if (!arguments.trace.empty()) {
    const Status written = write_file_durably(std::filesystem::path(arguments.trace), to_trace_events(profile));
    if (!written) return failure(ExitCode::refused, written.error().code, written.error().message);
    context.remark("trace written to " + arguments.trace + "; open it at https://ui.perfetto.dev");
  }
  if (context.globals().json) {
    context.print(answer);
  } else {
    context.out().write(render_profile(profile, context.terminal()));
  }
  return ExitCode::ok;
}

}  // namespace

void add_profile_command(CommandLine& line) {
  auto arguments = std::make_shared<ProfileArguments>();
  CLI::App* command = add_command(line.app, "profile", "Where a job's time went, stage by stage and step by step",
                                  "Jobs", {"vividctl profile 3f0c5a52", "vividctl profile 3f0c5a52 --trace job.json"});
  command->add_option("JOB", arguments->job, "Id, or its first characters")->required();
  command->add_option("--trace", arguments->trace, "Also write a trace that Perfetto and chrome://tracing open")
      ->type_name("FILE");
  command->parse_complete_callback([&line, arguments] {
    line.chosen = [arguments](Context& context) { return show_profile(context, *arguments); };
  });
}

}  // namespace vivid::ctl
