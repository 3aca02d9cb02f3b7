// Progress on standard error: a bar that moves on a terminal, plain lines elsewhere.
//
// Threads: one view, one thread. Ownership: borrows clock and stream.
#pragma once

#include <cstdio>
#include <optional>
#include <string>

#include "base/clock.h"
#include "render/protocol/messages.h"

namespace vivid::render {

enum class ProgressStyle { none, bar, lines };

class ProgressView {
 public:
  ProgressView(ProgressStyle style, std::FILE* stream, const Clock& clock)
      : style_(style), stream_(stream), clock_(clock) {}
  // A stage that has not ended leaves no line: it was interrupted, or failed.
  ~ProgressView() { clear_line(); }
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  void begin_stage(const std::string& stage);
  void show(const Progress& progress);
  // Leaves a line with the stage and the time it took.
  void end_stage();

 private:
  void draw(const Progress& progress);
  void clear_line();

  ProgressStyle style_;
  std::FILE* stream_;
  const Clock& clock_;
  std::string stage_;
  SteadyTime began_{};
  std::optional<SteadyTime> drawn_;
};

}  // namespace vivid::render
