#include "daemon/loop/line_splitter.h"

namespace vivid::daemon {

bool LineSplitter::feed(std::string_view bytes, const std::function<void(std::string_view)>& on_line) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const std::size_t room = max_line_bytes_ - partial_.size();
    const std::size_t length = newline == std::string_view::npos ? bytes.size() : newline;
    if (length > room) {
      if (overlong_ == Overlong::refuse) return false;
      partial_ += bytes.substr(0, room);
      bytes.remove_prefix(room);
      finish(on_line);
      continue;
    }
    partial_ += bytes.substr(0, length);
    if (newline == std::string_view::npos) return true;
    bytes.remove_prefix(newline + 1);
    std::string line;
    line.swap(partial_);
    on_line(line);
  }
  return true;
}

void LineSplitter::finish(const std::function<void(std::string_view)>& on_line) {
  if (partial_.empty()) return;
  std::string line;
  line.swap(partial_);
  on_line(line);
}

}  // namespace vivid::daemon
