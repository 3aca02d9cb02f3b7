// Bytes in, whole lines out: what arrives over a pipe in pieces of any size.
//
// Threads: one object, one thread. Bound: a line longer than the limit is an error, or is cut, as the caller chose.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace vivid::daemon {

class LineSplitter {
 public:
  // What becomes of a line that is too long: reported by feed() as false, or given in pieces of the limit.
  enum class Overlong { refuse, cut };
  LineSplitter(std::size_t max_line_bytes, Overlong overlong) : max_line_bytes_(max_line_bytes), overlong_(overlong) {}

  // Calls on_line for each whole line, without its newline. False: a line was refused; feed nothing more.
  bool feed(std::string_view bytes, const std::function<void(std::string_view)>& on_line);
  // The last line, when it has no newline; for when the stream ended.
  void finish(const std::function<void(std::string_view)>& on_line);

 private:
  std::size_t max_line_bytes_;
  Overlong overlong_;
  std::string partial_;
};

}  // namespace vivid::daemon
