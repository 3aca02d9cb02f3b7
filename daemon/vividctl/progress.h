// One job's progress as the daemon tells it, and the three ways to show a stream of it: bars that move on a terminal,
// plain lines for a pipe or a log, JSON lines for a program.
//
// Threads: one thread. Ownership: a view writes to the Context it was made with, which must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/vividctl/context.h"
#include "daemon/vividctl/json.h"

namespace vivid::ctl {

struct JobProgress {
  std::string job;
  std::string state;
  std::string stage;
  std::string step;
  std::optional<double> fraction;  // of the stage, 0…1
  std::int64_t frames_done = 0;
  std::int64_t frames_total = 0;
  std::optional<double> frames_per_second;
  std::optional<double> remaining_seconds;
  std::int64_t attempt = 0;
  std::string note;  // for a final state: how long it took, or why it failed
  std::string raw;   // the daemon's own JSON
};

// From the `params` of a progress notification; a job without a name gives nothing.
std::optional<JobProgress> parse_progress(const Json& params);

class ProgressView {
 public:
  virtual ~ProgressView() = default;
  virtual void update(const JobProgress& progress) = 0;
  // Something about the stream itself: the daemon went away, or came back.
  virtual void notice(std::string_view text) = 0;
  // Called about once a second; false when nobody reads any more.
  virtual bool refresh() = 0;
};

// The view for how the command was called: JSON lines, bars, or plain lines.
std::unique_ptr<ProgressView> make_progress_view(Context& context);

// "● 3f0c5a52  video_generation  ━━━━━╸────  62%  1,116/1,800 frames  84 fps  8s left", within the terminal's columns.
std::string bar_line(const JobProgress& progress, const Terminal& terminal);
// "3f0c5a52  running  video_generation  62%  1,116/1,800 frames  84 fps  8s left"
std::string plain_line(const JobProgress& progress);

}  // namespace vivid::ctl
