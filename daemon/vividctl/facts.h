// Labelled values, a line each, the label in a column of its own.
//
// Threads: one thread. Values are made printable here; empty ones, and "-", are left out.
#pragma once

#include <string>

#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

class Facts {
 public:
  explicit Facts(const Terminal& terminal) : terminal_(terminal) {}
  void add(const std::string& label, const std::string& value, Tone tone = Tone::plain);
  const std::string& text() const { return text_; }

 private:
  const Terminal& terminal_;
  std::string text_;
};

}  // namespace vivid::ctl
