// Each job's log lines alone: what `vividctl logs JOB` shows. Lines are kept as JSON in DIRECTORY/ab/UUID.jsonl, two
// generations a job, so the newest are always there and the size is bounded; a marker stands where older ones were cut.
//
//   log::set_tap(job_log->tap());
//
// Threads: all methods are safe from any thread. append() and tap() take a short lock and never touch the disk; a
// thread of its own writes. read_last() reads the disk: not for the event loop. Ownership: the destructor writes what
// is queued and stops; a tap may outlive the JobLog and then does nothing. Errors: lines that find the queue full or
// the disk failing are dropped and counted, never waited for.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

namespace vivid::daemon {

struct JobLogOptions {
  std::filesystem::path directory;              // made if missing
  std::uint64_t max_file_bytes = 2ULL << 20;    // of one generation
  std::uint64_t max_queued_bytes = 8ULL << 20;  // waiting for the writer
  std::uint64_t max_line_bytes = 64ULL << 10;   // a longer line is replaced by a short note
};

class JobLog {
 public:
  static Result<std::unique_ptr<JobLog>> open(JobLogOptions options);
  virtual ~JobLog() = default;

  // Takes every line that has a field "job" with a UUID.
  virtual log::Tap tap() = 0;
  // `json_line` is one JSON object without a newline. Anything but a canonical UUID is ignored.
  virtual void append(std::string_view job, std::string_view json_line) = 0;
  // The last `limit` lines, oldest first; those appended before the call are among them. Empty for an unknown job;
  // invalid_input if `job` is no UUID.
  virtual Result<std::vector<std::string>> read_last(std::string_view job, std::size_t limit) = 0;
  // Removes the lines of jobs that have logged nothing since `before`.
  virtual void prune_older(WallTime before) = 0;
  // Lines lost since the start.
  virtual std::int64_t dropped() const = 0;
};

}  // namespace vivid::daemon
