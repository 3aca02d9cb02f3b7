// A program that is given its input whole and has a time to answer in: it can hang, fail or talk too much, but harm
// nobody.
//
// It gets no environment but a path and a locale, no open files but its input and outputs, writes no files, reaches no
// network where the system lets it be cut off, and ends with whoever started it.
//
// Threads: any; blocks until it has ended. Errors: not_found (no such program), resource_exhausted. However it ends,
// what it had said until then is kept.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::render {

struct ChildProgram {
  std::string program;  // a path, or a name to look for in PATH
  std::vector<std::string> arguments;
  std::string input;
  std::chrono::milliseconds time_limit{10'000};  // then it is killed
  std::size_t most_output_bytes = 16U << 20;     // beyond it, too
};

struct ChildOutcome {
  std::string output;
  std::string complaint;  // the beginning of its standard error
  std::string problem;    // why it did not end well; empty: it did
};

Result<ChildOutcome> run_child(const ChildProgram& child);

}  // namespace vivid::render
