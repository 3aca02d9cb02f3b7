#include "daemon/control/control_server.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "daemon/control/connection.h"
#include "daemon/control/listening_socket.h"

namespace vivid::daemon {
namespace {

// Lives until libuv has closed all handles, which may be after the server is gone.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(uv_loop_t* loop, ControlOptions options, ControlHandler& handler) : host_(std::make_shared<ConnectionHost>()) {
    host_->loop = loop;
    host_->options = std::move(options);
    host_->handler = &handler;
    host_->budget = std::make_shared<ByteBudget>(host_->options.max_bytes_in_flight);
  }

  Status listen();
  void close(std::chrono::milliseconds deadline, std::function<void()> closed);
  void abandon();
  ControlStats stats() const;

 private:
  void on_client();
  bool make_room();
  void close_all();
  void close_handle(uv_handle_t* handle);
  void check_closed();

  std::shared_ptr<ConnectionHost> host_;
  ListeningSocket socket_;
  uv_pipe_t listener_{};
  uv_timer_t deadline_{};
  int open_handles_ = 0;
  bool closing_ = false;
  std::shared_ptr<Core> keep_;  // while libuv has handles or connections
  std::function<void()> closed_;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
};

Status Core::listen() {
  const ControlOptions& options = host_->options;
  VIVID_ASSIGN(socket_, options.inherited_fd >= 0 ? ListeningSocket::adopt(options.inherited_fd)
                                                  : ListeningSocket::bind(options.socket, options.mode, options.group));
  host_->access = {::geteuid(), socket_.group()};
  host_->closed = [core = weak_from_this()](Connection* connection) {
    const std::shared_ptr<Core> alive = core.lock();
    if (!alive) return;
    alive->connections_.erase(connection);
    alive->check_closed();
  };
  keep_ = shared_from_this();
  uv_pipe_init(host_->loop, &listener_, 0);
  uv_timer_init(host_->loop, &deadline_);
  listener_.data = this;
  deadline_.data = this;
  open_handles_ = 2;
  const int fd = socket_.release_fd();
  int code = uv_pipe_open(&listener_, fd);
  if (code != 0) UniqueFd(fd).reset();
  const auto on_client = [](uv_stream_t* stream, int status) noexcept {
    if (status == 0) static_cast<Core*>(stream->data)->on_client();
  };
  constexpr int kBacklog = 128;
  if (code == 0) code = uv_listen(reinterpret_cast<uv_stream_t*>(&listener_), kBacklog, on_client);
  if (code != 0) {
    close({}, {});
    return fail(ErrorCode::io_error, std::string("listen on the control socket: ") + uv_strerror(code));
  }
  return {};
}

void Core::on_client() {
  if (closing_) return;
  const bool room = make_room();
  const auto connection = std::make_shared<Connection>(host_);
  connections_.emplace(connection.get(), connection);
  if (Status status = connection->accept(reinterpret_cast<uv_stream_t*>(&listener_)); !status) {
    log::warning("control client refused", {{"reason", status.error().message}});
    return connection->close_now();
  }
  if (room) return;
  ++host_->stats.connections_refused;
  const std::string limit = std::to_string(host_->options.max_connections);
  connection->turn_away({ErrorCode::resource_exhausted,
                         limit + " control connections are open, the most allowed (control.max_connections)"});
}

bool Core::make_room() {
  const auto open =
      std::count_if(connections_.begin(), connections_.end(), [](const auto& entry) { return entry.second->open(); });
  if (open < host_->options.max_connections) return true;
  Connection* longest = nullptr;
  for (const auto& [connection, owner] : connections_) {
    if (!connection->open() || !connection->idle()) continue;
    if (longest == nullptr || connection->last_active_ms() < longest->last_active_ms()) longest = connection;
  }
  const auto patience = static_cast<std::uint64_t>(host_->options.idle_eviction.count());
  if (longest == nullptr || uv_now(host_->loop) - longest->last_active_ms() < patience) return false;
  longest->close_now();
  return true;
}

ControlStats Core::stats() const {
  ControlStats stats = host_->stats;
  stats.connections =
      std::count_if(connections_.begin(), connections_.end(), [](const auto& entry) { return entry.second->open(); });
  return stats;
}

void Core::close(std::chrono::milliseconds deadline, std::function<void()> closed) {
  if (closing_) return;
  closing_ = true;
  closed_ = std::move(closed);
  socket_.remove_file();
  close_handle(reinterpret_cast<uv_handle_t*>(&listener_));
  const Error stopping{ErrorCode::unavailable, "vividd is stopping"};
  for (const auto& entry : std::unordered_map(connections_)) entry.second->wind_up(stopping);
  const auto expired = [](uv_timer_t* timer) noexcept { static_cast<Core*>(timer->data)->close_all(); };
  uv_timer_start(&deadline_, expired, static_cast<std::uint64_t>(std::max<std::int64_t>(0, deadline.count())), 0);
  check_closed();
}

void Core::abandon() {
  host_->handler = nullptr;
  closed_ = nullptr;
  close({}, {});
  close_all();
}

void Core::close_all() {
  for (const auto& entry : std::unordered_map(connections_)) entry.second->close_now();
  check_closed();
}

void Core::close_handle(uv_handle_t* handle) {
  if (uv_is_closing(handle)) return;
  uv_close(handle, [](uv_handle_t* closed) noexcept {
    Core* core = static_cast<Core*>(closed->data);
    --core->open_handles_;
    core->check_closed();
  });
}

void Core::check_closed() {
  if (!closing_ || !keep_ || !connections_.empty()) return;
  close_handle(reinterpret_cast<uv_handle_t*>(&deadline_));
  if (open_handles_ > 0) return;
  const std::shared_ptr<Core> last = std::move(keep_);
  if (const auto closed = std::exchange(last->closed_, nullptr)) closed();
}

class SocketControlServer : public ControlServer {
 public:
  explicit SocketControlServer(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ~SocketControlServer() override { core_->abandon(); }
  ControlStats stats() const override { return core_->stats(); }
  void close(std::chrono::milliseconds deadline, std::function<void()> closed) override {
    core_->close(deadline, std::move(closed));
  }

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::open(uv_loop_t* loop, ControlOptions options,
                                                           ControlHandler& handler) {
  // libuv writes with write(2): a client that hangs up would end the process.
  ::signal(SIGPIPE, SIG_IGN);
  auto core = std::make_shared<Core>(loop, std::move(options), handler);
  VIVID_TRY(core->listen());
  return std::unique_ptr<ControlServer>(std::make_unique<SocketControlServer>(std::move(core)));
}

}  // namespace vivid::daemon
