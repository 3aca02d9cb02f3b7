// Programs that take part, and what they cost.
//
// Threads: one. Errors: none leave it: a program that fails ends the benchmark with what it said last.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vivid::bench {

struct Command {
  std::vector<std::string> arguments;  // the first is the program, looked for on the PATH
  std::filesystem::path log;           // of what it says on standard error; made afresh
  std::filesystem::path output;        // of what it says on standard output; empty: into the log as well
};

struct Cost {
  double wall_seconds = 0.0;
  double cpu_seconds = 0.0;   // of it and of all that it ran, user and system
  std::int64_t peak_kib = 0;  // largest resident set of one of them
};

bool is_installed(const std::string& program);

Cost run(const Command& command);
// The standard output of the one becomes the standard input of the other.
void run_piped(const Command& from, const Command& into);

// Of a file that a program wrote; at most some MiB.
std::string text_of(const std::filesystem::path& path);

}  // namespace vivid::bench
