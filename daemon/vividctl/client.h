// One connection to the daemon: JSON-RPC 2.0, an object a line, over its Unix socket (docs/control-protocol.md).
//
// Threads: one connection, one thread; calls block up to their limit.
// Ownership: the connection owns its descriptor; moving it moves the connection.
// Errors: no_daemon when nothing listens or the peer goes away, timed_out, refused for an answer that is not JSON-RPC
// or over the size bound, and what the daemon's own error says. After any but the last the connection is of no use.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "daemon/vividctl/exit_code.h"
#include "daemon/vividctl/json.h"

namespace vivid::ctl {

class Connection {
 public:
  using Duration = std::chrono::milliseconds;

  // `timeout` bounds the connecting, and each write.
  static Outcome<Connection> open(const std::string& socket_path, Duration timeout);

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // Sends a request and waits for its answer; notifications that come in between are kept for next_notification.
  Outcome<Json> call(std::string_view method, const Json& params, Duration timeout);
  // The `params` of the next notification called `method`; nothing when none came in time.
  Outcome<std::optional<Json>> next_notification(std::string_view method, Duration timeout);

 private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::ctl
