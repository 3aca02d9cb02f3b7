#include "daemon/loop/child_process.h"

#include <signal.h>

#include "tests/support/daemon/loop_fixture.h"

namespace vivid::daemon {
namespace {

using std::chrono::milliseconds;

class ChildProcessTest : public LoopFixture {
 protected:
  // A shell with a channel; `script` writes to descriptor 3.
  void run(const std::string& script) {
    ChildOptions options;
    options.arguments = {"/bin/sh", "-c", script};
    options.with_channel = true;
    ChildEvents events;
    events.on_output = [this](std::string_view line) { output_.emplace_back(line); };
    events.on_message = [this](std::string_view line) { messages_.emplace_back(line); };
    events.on_exit = [this](const ChildExit& exit) { exit_ = exit; };
    auto child = ChildProcess::spawn(&loop_, options, std::move(events));
    ASSERT_TRUE(child) << child.error().message;
    child_ = std::move(*child);
  }
  bool wait_for_exit() {
    return run_until([&] { return exit_.has_value(); });
  }
  ~ChildProcessTest() override { child_.reset(); }

  std::unique_ptr<ChildProcess> child_;
  std::vector<std::string> output_;
  std::vector<std::string> messages_;
  std::optional<ChildExit> exit_;
};

TEST_F(ChildProcessTest, HalfAMessageAtTheEndIsNotDelivered) {
  run(R"(printf 'whole\n{"ha' >&3; kill -9 $$)");
  ASSERT_TRUE(wait_for_exit());
  EXPECT_EQ(messages_, std::vector<std::string>{"whole"});
  EXPECT_EQ(exit_->signal, SIGKILL);
}

TEST_F(ChildProcessTest, LastLineOfOutputNeedsNoNewline) {
  run("printf 'first\\nlast'");
  ASSERT_TRUE(wait_for_exit());
  EXPECT_EQ(output_, (std::vector<std::string>{"first", "last"}));
}

TEST_F(ChildProcessTest, LongerGraceDoesNotPutOffAnEarlierKill) {
  run("trap '' TERM; echo ready; while :; do read line <&3 || :; done");
  ASSERT_TRUE(run_until([&] { return !output_.empty(); }));
  child_->end(milliseconds(50));
  child_->end(std::chrono::hours(1));
  ASSERT_TRUE(wait_for_exit());
  EXPECT_EQ(exit_->signal, SIGKILL);
}

TEST_F(ChildProcessTest, ShorterGraceBringsTheKillForward) {
  run("trap '' TERM; echo ready; while :; do read line <&3 || :; done");
  ASSERT_TRUE(run_until([&] { return !output_.empty(); }));
  child_->end(std::chrono::hours(1));
  child_->end(milliseconds(0));
  ASSERT_TRUE(wait_for_exit());
  EXPECT_EQ(exit_->signal, SIGKILL);
}

}  // namespace
}  // namespace vivid::daemon
