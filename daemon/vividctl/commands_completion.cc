#include <CLI/CLI.hpp>
#include <memory>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/completions.h"

namespace vivid::ctl {

void add_completion_command(CommandLine& line) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = add_command(
      line.app, "completion", "Print the completion script of a shell", "This program",
      {"source <(vividctl completion bash)", "vividctl completion fish > ~/.config/fish/completions/vividctl.fish"});
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->parse_complete_callback([&line, shell] {
    line.chosen = [shell](Context& context) -> Outcome<ExitCode> {
      context.out().write(completion_script(*shell));
      return ExitCode::ok;
    };
  });
}

}  // namespace vivid::ctl
