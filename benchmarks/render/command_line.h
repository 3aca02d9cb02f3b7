// What render_bench was asked.
//
// Threads: pure but for what --help prints. Errors: ends the program, with the reason.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "settings.h"

namespace vivid::bench {

struct CommandLine {
  Settings settings;
  bool keep = false;  // what was made
  // What this program does for itself, in a process of its own so that nobody's memory is counted as another's:
  // picture, compose, play, encode.
  std::string task;
  std::filesystem::path in;
  std::filesystem::path out;
  std::uint32_t number = 0;
};

CommandLine read_command_line(int count, const char* const* arguments);

}  // namespace vivid::bench
