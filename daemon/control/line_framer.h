// Cuts a byte stream into lines and bounds what it holds.
//
// Threads: one thread. Views are valid until the next call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vivid::daemon {

class LineFramer {
 public:
  explicit LineFramer(std::uint64_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  void append(std::string_view bytes);
  // No more bytes will come: what is left without a newline is a line.
  void end() { ended_ = true; }

  // The next line is longer than allowed, whole or not; nothing more can be taken.
  bool too_long();
  // A line is there to be taken.
  bool has_line();
  // Bytes of the next line; requires has_line().
  std::size_t line_bytes();
  // The next line without its newline; requires has_line().
  std::string_view take();

  // Bytes held that were not taken yet.
  std::size_t pending_bytes() const { return buffer_.size() - start_; }

 private:
  // Finds the newline that ends the line at start_, looking at each byte once.
  std::size_t line_end();

  std::uint64_t max_line_bytes_;
  std::string buffer_;
  std::size_t start_ = 0;    // of the first line not taken
  std::size_t scanned_ = 0;  // no newline in [start_, scanned_)
  bool ended_ = false;
};

}  // namespace vivid::daemon
