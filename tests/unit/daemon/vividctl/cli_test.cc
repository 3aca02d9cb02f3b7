#include "daemon/vividctl/cli.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "daemon/vividctl/completions.h"

namespace vivid::ctl {
namespace {

bool names(std::string_view script, const std::string& word) {
  const auto part_of_word = [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '_'; };
  for (std::size_t at = script.find(word); at != std::string_view::npos; at = script.find(word, at + 1)) {
    const bool starts = at == 0 || !part_of_word(script[at - 1]);
    const bool ends = at + word.size() >= script.size() || !part_of_word(script[at + word.size()]);
    if (starts && ends) return true;
  }
  return false;
}

TEST(Completions, NameEveryCommandAndOption) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string_view script = completion_script(shell);
    for (const CommandName& command : all_commands()) {
      EXPECT_TRUE(names(script, command.name.substr(command.name.find(' ') + 1))) << shell << ": " << command.name;
      for (const std::string& option : command.options) {
        // fish writes "-l limit" for --limit.
        const std::string word = shell == std::string_view("fish") ? option.substr(2) : option;
        EXPECT_TRUE(names(script, word)) << shell << ": " << command.name << " " << option;
      }
    }
  }
}

TEST(Completions, AreTheInstalledFiles) {
  const std::string folder = std::string(VIVID_SOURCE_DIR) + "/daemon/vividctl/completions/";
  EXPECT_EQ(completion_script("bash"), read_file(folder + "vividctl.bash", 1 << 20).value());
  EXPECT_EQ(completion_script("zsh"), read_file(folder + "_vividctl", 1 << 20).value());
  EXPECT_EQ(completion_script("fish"), read_file(folder + "vividctl.fish", 1 << 20).value());
}

TEST(Manual, DescribesEveryCommandAndOption) {
  const std::string manual = read_file(std::string(VIVID_SOURCE_DIR) + "/docs/vividctl.md", 1 << 20).value();
  for (const CommandName& command : all_commands()) {
    EXPECT_TRUE(names(manual, command.name)) << command.name;
    for (const std::string& option : command.options) {
      if (option == "--help") continue;
      EXPECT_TRUE(names(manual, option)) << command.name << " " << option;
    }
  }
}

int run_with(const std::vector<std::string>& arguments) {
  return run(
      arguments, [](const std::string&) { return std::optional<std::string>(); }, system_clock());
}

TEST(CommandLine, SuggestsTheCommandThatWasMeant) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_with({"staus"}), 2);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("did you mean 'status'?"), std::string::npos);
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_with({"jobs", "--lmit", "3"}), 2);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("did you mean '--limit'?"), std::string::npos);
}

TEST(CommandLine, WrongValuesAreUsageErrors) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"dead"},
                                             {"wait"},
                                             {"wait", "x", "--timeout", "5"},
                                             {"wait", "x", "--timeout", "0"},
                                             {"submit", "f", "--priority", "10"},
                                             {"submit", "f", "--modalities", "smell"},
                                             {"jobs", "--limit", "0"},
                                             {"jobs", "--state", "odd"},
                                             {"--color", "blue", "ping"},
                                             {"completion", "tcsh"},
                                             {"show", "a", "b"}}) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(run_with(arguments), 2) << (arguments.empty() ? "" : arguments.front());
    EXPECT_NE(testing::internal::GetCapturedStderr(), "");
  }
}

}  // namespace
}  // namespace vivid::ctl
