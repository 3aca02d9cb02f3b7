// What /proc says about a process.
//
// Threads: pure functions; they read /proc, which does not block. A process that is gone, or that may not be looked at,
// has no facts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vivid::daemon {

struct ProcessFacts {
  std::int32_t pid = 0;
  char state = '?';  // R, S, D, T, Z …
  std::int32_t group = 0;
  std::int32_t session = 0;
  std::int32_t threads = 0;
  // Clock ticks from boot to its start: with the pid, a name that is never given twice.
  std::uint64_t start_ticks = 0;

  // It runs no more; only its parent has not asked for its status yet. While other threads of it still end, it has not.
  bool ended() const { return (state == 'Z' || state == 'X') && threads <= 1; }
};

std::optional<ProcessFacts> process_facts(std::int32_t pid);
// All that can be seen.
std::vector<ProcessFacts> all_processes();
// 0 when there is no such process.
std::uint64_t process_start_ticks(std::int32_t pid);
// Memory a process holds; 0 when there is no such process.
std::uint64_t resident_bytes(std::int32_t pid);
// Whether the environment a process was started with has this entry, NAME=value.
bool started_with(std::int32_t pid, const std::string& entry);

}  // namespace vivid::daemon
