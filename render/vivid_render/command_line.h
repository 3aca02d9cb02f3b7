// What vivid-render was asked on its command line.
//
// Threads: pure but for what --help and --version print.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "render/protocol/options.h"

namespace vivid::render {

// What the program ends with; documented in --help.
enum ExitCode : int {
  kExitOk = 0,
  kExitUsage = 2,
  kExitPermanent = 3,
  kExitTransient = 4,
  kExitInterrupted = 130,
};

struct CommandLine {
  bool worker = false;
  bool probe = false;                 // say what the GPUs can do, and end
  std::filesystem::path probe_cache;  // empty: none
  int watch_gpus_seconds = 0;         // above 0: say what the GPUs do, again and again
  std::string input;                  // "-": standard input
  std::filesystem::path output_directory;
  RenderOptions options;
  bool progress = false;  // also where nobody watches a terminal
  bool json = false;
  bool verbose = false;
};

struct ParsedCommandLine {
  CommandLine command;
  // Set: there is nothing to do but to end with this.
  std::optional<int> exit_code;
};
ParsedCommandLine parse_command_line(int count, const char* const* arguments);

}  // namespace vivid::render
