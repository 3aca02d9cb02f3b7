// The control socket: JSON-RPC 2.0, one object a line both ways, over a Unix socket (docs/control-protocol.md). This
// room frames, bounds and answers; what a method means is the handler's affair.
//
// Threads: everything here belongs to the loop's thread; nothing blocks.
// Ownership: the server owns its socket file and connections. Responders and Subscriptions may outlive the connection
// and the server: then they do nothing.
// Errors: what is wrong with a request is answered on its connection; open() alone returns errors.
// Bounds: bytes of a request, of all unanswered ones, requests a second and in flight of a connection, connections,
// bytes of unread output.
#pragma once

#include <sys/types.h>
#include <uv.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace vivid::daemon {

class Connection;

// More JSON than this is not parsed on the loop's thread.
inline constexpr std::size_t kMaxLoopJsonBytes = 64 * 1024;

// Who is at the other end, from the kernel (SO_PEERCRED), as of its connect().
struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
  bool may_steer = false;  // else it may look only
};

// A stream of notifications to one client, until it hangs up or this is destroyed. Movable.
class Subscription {
 public:
  Subscription() = default;
  Subscription(std::weak_ptr<Connection> connection, std::uint64_t id) : connection_(std::move(connection)), id_(id) {}
  Subscription(Subscription&& other) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

  // False once the client is gone: forget the subscription then.
  bool active() const;
  // Sends {"jsonrpc", "method", "params"}. While the client reads too slowly only the newest notification of each `key`
  // (a job) is kept, so that its last state always arrives; what does not even fit so is dropped and counted.
  void notify(const std::string& key, std::string_view method, std::string_view params_json);

 private:
  void end();
  std::weak_ptr<Connection> connection_;
  std::uint64_t id_ = 0;
};

// Answers one request, once, now or later. One that is destroyed unanswered answers "internal" itself, so no client
// waits for ever.
class Responder {
 public:
  // `held` is let go with the answer.
  Responder(std::weak_ptr<Connection> connection, std::uint64_t call, std::shared_ptr<void> held)
      : connection_(std::move(connection)), call_(call), held_(std::move(held)) {}
  Responder(Responder&& other) noexcept;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  // False once the client is gone or the request was answered.
  bool waiting() const;
  // Later requests of this connection may be answered before this one. Without it answers keep the requests' order.
  void answer_out_of_order();

  // `json` is any JSON value.
  void result(std::string_view json);
  // invalid_input becomes -32602, all else -32000; data.code and data.retryable say what it is.
  void fail(const Error& error);
  void method_not_found(std::string_view method);
  // Answers `json` and opens a stream; answers out of order from now on.
  Subscription subscribe(std::string_view json);

 private:
  std::weak_ptr<Connection> connection_;
  std::uint64_t call_ = 0;  // 0: answered
  std::shared_ptr<void> held_;
};

struct Call {
  std::string method;
  std::string params;  // a JSON object; "{}" when the request has none
  Peer peer;
  Responder responder;
};

// What the daemon does with requests. Called on the loop's thread; must not block or throw.
class ControlHandler {
 public:
  virtual ~ControlHandler() = default;
  virtual void handle(Call call) = 0;
  // A request was answered, by the handler or by the server itself. `outcome`: ok, parse_error, invalid_request,
  // method_not_found, or a code of base/error.h. `method` is whatever the client wrote: bound it before use as a label.
  virtual void answered(std::string_view method, std::string_view outcome, std::chrono::microseconds took) = 0;
};

struct ControlOptions {
  std::filesystem::path socket;
  int mode = 0660;    // of the socket file
  std::string group;  // name or number; empty: the daemon's own
  // A listening Unix socket that was handed in (systemd socket activation); then socket, mode and group are the
  // manager's and are left alone. -1: none. The server owns it from open() on.
  int inherited_fd = -1;

  std::uint64_t max_request_bytes = 4ULL << 20;
  std::uint64_t max_pending_output_bytes = 4ULL << 20;  // unread by one client; over it: disconnected
  int max_connections = 64;
  int max_requests_per_second = 1000;  // of one connection; over it requests wait, unread
  int max_calls_in_flight = 256;       // of one connection; over it requests wait, unread
  // Of all requests that are not answered; over it all but small requests wait, unread.
  std::uint64_t max_bytes_in_flight = 64ULL << 20;
  // When all connections are taken, a new client replaces the one that has been idle longest, if for this long.
  std::chrono::milliseconds idle_eviction{30'000};
};

struct ControlStats {
  std::int64_t connections = 0;            // open now
  std::int64_t connections_refused = 0;    // over the limit
  std::int64_t clients_too_slow = 0;       // disconnected for unread answers
  std::int64_t notifications_dropped = 0;  // not even their newest could be kept
};

class ControlServer {
 public:
  // Binds, sets mode and group, then listens: nobody connects before the permissions stand. A socket file that nobody
  // listens on is replaced; a live one is already_exists. `handler` must outlive the server. Makes the process ignore
  // SIGPIPE.
  static Result<std::unique_ptr<ControlServer>> open(uv_loop_t* loop, ControlOptions options, ControlHandler& handler);
  // Closes at once, without flushing; the loop must still run until its handles are closed.
  virtual ~ControlServer() = default;

  virtual ControlStats stats() const = 0;
  // Takes no more clients or requests, answers what is open with unavailable, flushes, and calls `closed` when all is
  // closed, at the latest at the deadline. Removes the socket file at once.
  virtual void close(std::chrono::milliseconds deadline, std::function<void()> closed) = 0;
};

}  // namespace vivid::daemon
