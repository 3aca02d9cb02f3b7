#include "render/equations/child_program.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

using std::chrono::milliseconds;

ChildProgram shell(const std::string& script, std::string input = {}) {
  ChildProgram child;
  child.program = "sh";
  child.arguments = {"-c", script};
  child.input = std::move(input);
  child.time_limit = milliseconds(60'000);
  return child;
}

TEST(ChildProgram, AnswersWhatItIsGiven) {
  const std::string input(3'000'000, 'x');
  const auto outcome = run_child(shell("tr x y; echo aside >&2", input));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().describe();
  EXPECT_EQ(outcome->problem, "");
  EXPECT_EQ(outcome->output, std::string(input.size(), 'y'));
  EXPECT_EQ(outcome->complaint, "aside\n");
}

TEST(ChildProgram, IsNotFound) {
  ChildProgram child;
  for (const char* name : {"no-such-program-anywhere", "/no/such/program"}) {
    child.program = name;
    const auto outcome = run_child(child);
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, ErrorCode::not_found);
    EXPECT_NE(outcome.error().message.find(name), std::string::npos);
  }
}

TEST(ChildProgram, TellsHowItFailed) {
  const auto failed = run_child(shell("echo half; exit 3"));
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->output, "half\n");
  EXPECT_EQ(failed->problem, "it ended with status 3");
  const auto killed = run_child(shell("kill -TERM $$"));
  ASSERT_TRUE(killed.has_value());
  EXPECT_EQ(killed->problem, "it was ended by signal 15");
}

void expect_killed(const std::string& hang) {
  ChildProgram child = shell("echo $$; " + hang);
  child.time_limit = milliseconds(3'000);
  const auto outcome = run_child(child);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->problem, "it took longer than 3000 ms");
  ASSERT_FALSE(outcome->output.empty());
  EXPECT_EQ(::kill(std::stoi(outcome->output), 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(ChildProgram, IsKilledAtItsLimit) { expect_killed("exec sleep 1000"); }

TEST(ChildProgram, IsKilledAtItsLimitWhenItHasClosedItsOutputs) { expect_killed("exec >&- 2>&-; exec sleep 1000"); }

TEST(ChildProgram, IsKilledAtItsLimitWhenItTakesNoNotice) { expect_killed("trap '' TERM; exec sleep 1000"); }

TEST(ChildProgram, IsKilledWhenItSaysTooMuch) {
  ChildProgram child = shell("while :; do echo more and more and more; done");
  child.most_output_bytes = 100'000;
  const auto outcome = run_child(child);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->problem, "it said more than 100000 bytes");
  EXPECT_EQ(outcome->output.size(), 100'000U);
}

TEST(ChildProgram, InheritsNothing) {
  const test::TemporaryFolder folder;
  ::setenv("VIVID_TEST_SECRET", "secret", 1);
  std::ofstream held(folder.path() / "held");
  const auto outcome = run_child(shell("env; ls -l /proc/self/fd"));
  ::unsetenv("VIVID_TEST_SECRET");
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->output.find("VIVID_TEST_SECRET"), std::string::npos);
  EXPECT_EQ(outcome->output.find("held"), std::string::npos);
}

TEST(ChildProgram, WritesNoFiles) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "file";
  const auto outcome = run_child(shell("echo text > " + file.string()));
  ASSERT_TRUE(outcome.has_value());
  std::error_code ignored;
  EXPECT_TRUE(!std::filesystem::exists(file) || std::filesystem::file_size(file, ignored) == 0);
}

}  // namespace
}  // namespace vivid::render
