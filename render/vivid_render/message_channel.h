// Lines to and from vividd over a stream socket.
//
// Threads: one channel, one thread. Ownership: owns the descriptor. Memory: one line, at most kMaxMessageBytes.
// Errors: unavailable when the peer is gone; invalid_input for a line that is too long; io_error.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/files.h"

namespace vivid::render {

class MessageChannel {
 public:
  explicit MessageChannel(UniqueFd socket) : socket_(std::move(socket)) {}

  // The next line without its newline; nothing when the peer has closed its side or a signal asks to stop.
  Result<std::optional<std::string>> receive();
  // Writes the line and a newline, whole.
  Status send(std::string_view line);

 private:
  UniqueFd socket_;
  std::string buffer_;
  std::size_t searched_ = 0;
};

}  // namespace vivid::render
