// Time comes in from outside, so that tests set it and never sleep.
//
// Threads: implementations are safe to call from any thread.
#pragma once

#include <chrono>
#include <string>

namespace vivid {

// Microsecond resolution is what SQLite rows and PostgreSQL timestamps keep.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall-clock time, UTC. May step; never measure a duration with it.
  virtual WallTime now() const = 0;
  // Never goes back. For limits, leases within one process, and durations.
  virtual SteadyTime steady_now() const = 0;
};

// The machine's clocks. Lives as long as the process.
const Clock& system_clock();

// "2026-11-20T21:02:03.456Z"
std::string to_iso8601(WallTime time);

}  // namespace vivid
