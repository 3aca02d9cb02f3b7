#include "render/vivid_render/message_channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "render/protocol/messages.h"
#include "render/vivid_render/interrupt.h"

namespace vivid::render {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

}  // namespace

Result<std::optional<std::string>> MessageChannel::receive() {
  for (;;) {
    const std::size_t newline = buffer_.find('\n', searched_);
    if (newline != std::string::npos) {
      std::string line = buffer_.substr(0, newline);
      buffer_.erase(0, newline + 1);
      searched_ = 0;
      return std::optional(std::move(line));
    }
    searched_ = buffer_.size();
    if (buffer_.size() > kMaxMessageBytes) return fail(ErrorCode::invalid_input, "a message is too long");
    wait_readable_or_interrupted(socket_.get());
    if (interrupted_by() != 0) return std::optional<std::string>();
    std::array<char, kPieceBytes> piece;
    const ssize_t count = ::recv(socket_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return tl::make_unexpected(errno_error(errno, "receive a task"));
    if (count == 0) return std::optional<std::string>();
    buffer_.append(piece.data(), static_cast<std::size_t>(count));
  }
}

Status MessageChannel::send(std::string_view line) {
  std::string message(line);
  message += '\n';
  std::string_view left = message;
  while (!left.empty()) {
    const ssize_t count = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::make_unexpected(errno_error(errno, "send to vividd"));
    left.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace vivid::render
