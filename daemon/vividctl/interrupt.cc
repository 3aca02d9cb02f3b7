#include "daemon/vividctl/interrupt.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr int kExitInterrupted = 130;

// The handler may only read what is there already.
std::array<char, 512> said{};
std::size_t said_bytes = 0;

void on_interrupt(int /*number*/) noexcept {
  // Nobody is left to be told that it cannot be written.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, said.data(), said_bytes);
  ::_exit(kExitInterrupted);
}

}  // namespace

InterruptNotice::InterruptNotice(const Context& context, const std::vector<std::string>& jobs) {
  std::string text;
  if (!context.globals().json) {
    text = "\n";
    if (jobs.size() == 1) text += "the job goes on; vividctl watch " + printable(jobs.front()) + "\n";
    if (jobs.size() > 1) text += "the jobs go on; vividctl watch\n";
  }
  said_bytes = std::min(text.size(), said.size());
  std::memcpy(said.data(), text.data(), said_bytes);
  struct sigaction action {};
  action.sa_handler = &on_interrupt;
  ::sigaction(SIGINT, &action, &before_);
}

InterruptNotice::~InterruptNotice() { ::sigaction(SIGINT, &before_, nullptr); }

}  // namespace vivid::ctl
