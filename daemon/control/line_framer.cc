#include "daemon/control/line_framer.h"

#include <algorithm>

#include "base/check.h"

namespace vivid::daemon {

void LineFramer::append(std::string_view bytes) {
  // Taken lines leave the buffer here, all at once, so that many short lines cost one move.
  if (start_ > 0) {
    buffer_.erase(0, start_);
    scanned_ -= start_;
    start_ = 0;
  }
  // A long line does not leave its memory behind for the life of an idle connection.
  constexpr std::size_t kKeptCapacity = 256 * 1024;
  if (buffer_.empty() && buffer_.capacity() > kKeptCapacity) std::string().swap(buffer_);
  buffer_ += bytes;
}

std::size_t LineFramer::line_end() {
  const std::size_t found = buffer_.find('\n', scanned_);
  scanned_ = found == std::string::npos ? buffer_.size() : found;
  return found;
}

bool LineFramer::too_long() { return std::min(line_end(), buffer_.size()) - start_ > max_line_bytes_; }

bool LineFramer::has_line() {
  if (too_long()) return false;
  return line_end() != std::string::npos || (ended_ && pending_bytes() > 0);
}

std::size_t LineFramer::line_bytes() { return std::min(line_end(), buffer_.size()) - start_; }

std::string_view LineFramer::take() {
  VIVID_CHECK(has_line());
  const std::size_t end = line_end();
  const std::size_t stop = std::min(end, buffer_.size());
  const std::string_view line = std::string_view(buffer_).substr(start_, stop - start_);
  start_ = end == std::string::npos ? buffer_.size() : end + 1;
  scanned_ = start_;
  return line;
}

}  // namespace vivid::daemon
