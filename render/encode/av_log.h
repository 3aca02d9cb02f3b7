// What FFmpeg and the encoders below it say: to the log (debug), and to whoever wants to know why something failed.
//
// Threads: route_av_log and captures belong to the thread that renders; FFmpeg may speak from any thread.
#pragma once

#include <string>
#include <vector>

namespace vivid::render {

// From now on FFmpeg speaks to base/log.h instead of standard error. Calling it again changes nothing.
void route_av_log();

// Collects the warnings and errors that are said while it lives. Captures nest: the innermost one gets the line.
class AvLogCapture {
 public:
  AvLogCapture();
  ~AvLogCapture();
  AvLogCapture(const AvLogCapture&) = delete;
  AvLogCapture& operator=(const AvLogCapture&) = delete;

  // The first few distinct lines, in the order in which they came.
  std::vector<std::string> lines() const;

 private:
  friend struct AvLogSink;
  std::vector<std::string> lines_;
  AvLogCapture* outer_ = nullptr;
};

}  // namespace vivid::render
