// A program that the benchmark runs.
//
// Threads: one. Ownership: the destructor kills it. Errors: unavailable when it cannot be started or fails.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::bench {

struct Command {
  std::vector<std::string> arguments;    // the first is the program, looked for on the PATH
  std::vector<std::string> environment;  // NAME=value, on top of ours
  std::filesystem::path folder;          // to run in; empty: ours
  std::filesystem::path log;             // of all it says
};

class Child {
 public:
  static Result<Child> start(const Command& command);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  // Until it ends by itself; its exit status.
  int wait();

 private:
  explicit Child(pid_t pid) : pid_(pid) {}

  pid_t pid_;  // 0 once it is over
};

// Runs to the end. An error tells what it said last.
Status run_to_end(const Command& command);

}  // namespace vivid::bench
