#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/vividctl/cli.h"

namespace {

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that had enough is found out by write(), not by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return vivid::ctl::run({argv + 1, argv + argc}, environment_variable, vivid::system_clock());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vividctl: internal error: %s\n", error.what());
    return 1;
  }
}
